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

/** Its version stands in the name of its library since 231: libsystemd-shared-252.so. */
const systemdLibraries = ['usr/lib/systemd/libsystemd-shared-*', 'usr/lib/*/systemd/libsystemd-shared-*'];

/** Init scripts of EL5 and EL6: in which order `apply_sysctl` reads decides who wins there. */
export const initFunctions = 'etc/rc.d/init.d/functions';

/** Whether a path is systemd-sysctl or its library. */
export const isOfSystemd = (path: string): boolean => systemdSysctl.includes(path) || systemdVersionOf(path) !== null;

/** `usr/lib/systemd/libsystemd-shared-252.so` to 252; null for any other path. */
export function systemdVersionOf(path: string): number | null {
  const match = /\/libsystemd-shared-(\d{3})\b/.exec(path);
  return match === null ? null : Number(match[1]);
}

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
systemd=
for program in ${systemdSysctl.join(' ')}; do
  at "$program" && [ -f "./$real" ] && systemd=$program && say has "$program"
done
if [ -n "$systemd" ]; then
  for library in ${systemdLibraries.join(' ')}; do
    [ -f "$library" ] && say has "$library"
  done
else
  want ${initFunctions}
fi`.trim(),
};
