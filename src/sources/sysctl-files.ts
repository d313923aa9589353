/**
 * Directories of sysctl.d(5), in falling precedence for files of equal name. Source: man sysctl.d, procps src/sysctl.c.
 * `/lib` is the same directory as `/usr/lib` on most systems and is then read once.
 */
export const sysctlDirectories: readonly string[] = [
  'etc/sysctl.d',
  'run/sysctl.d',
  'usr/local/lib/sysctl.d',
  'usr/lib/sysctl.d',
  'lib/sysctl.d',
];

/** Where systemd-sysctl lives: its presence means that this engine runs at boot. */
const systemdSysctl = ['usr/lib/systemd/systemd-sysctl', 'lib/systemd/systemd-sysctl'];

/**
 * Every sysctl file of the host, in all directories, so that the winner of each key at the next boot can be told.
 * A link to /dev/null masks files of its name in later directories, hence is said even though nothing is read.
 */
export const sysctlFiles = {
  id: 'etc/sysctl.d',
  sh: `
want etc/sysctl.conf
for directory in ${sysctlDirectories.join(' ')}; do
  case $directory in lib/*) [ "$directory" -ef "usr/$directory" ] && continue ;; esac
  directory "$directory"
  inside "$directory" || continue
  for file in "$real"/*.conf; do
    name=\${file##*/}
    [ "$name" = '*.conf' ] || conf "$directory/$name"
  done
done
for program in ${systemdSysctl.join(' ')}; do
  at "$program" && [ -f "$real" ] && say has "$program"
done`.trim(),
};
