/**
 * Which sysctl files each engine reads on the host, in which order, and which line wins. It must agree with `bootSettings` of
 * snapshot/boot-settings.ts, which does the same from what an audit collected.
 */
export const bootFiles = `
# know_engines: which programs apply sysctl files on this host, and how they read them.
# Source: sysctl.d(5), sysctl(8), systemd-sysctl of systemd 219 to 257, initscripts.
know_engines() {
  systemd='' version=9999 conf_first='' conf_by_systemd=''
  for file in /usr/lib/systemd/systemd-sysctl /lib/systemd/systemd-sysctl; do
    [ -f "$file" ] && systemd=yes
  done
  era=$(cat /etc/os-release /etc/redhat-release 2>/dev/null | awk '
    /release [56]([. \\t]|$)/ { old = 1 }
    /release 7([. \\t]|$)/ { el7 = 1 }
    /^ID(_LIKE)?=/ && /[^a-z0-9_](rhel|centos|ol|scientific)([^a-z0-9_]|$)/ { family = 1 }
    /^VERSION_ID="?7(\\.[0-9]+)*"?[ \\t\\r]*$/ { seven = 1 }
    /^ID="?amzn"?[ \\t\\r]*$/ { amazon = 1 }
    /^VERSION_ID="?2"?[ \\t\\r]*$/ { two = 1 }
    END { if (el7 || family && seven || amazon && two) print "el7"; else if (old) print "old" }')
  case $era in el7) version=219 ;; old) version=0 ;; esac
  for file in /usr/lib/systemd/libsystemd-shared-* /usr/lib/*/systemd/libsystemd-shared-*; do
    if [ -z "$systemd" ] || [ ! -f "$file" ]; then continue; fi
    number=\${file##*/libsystemd-shared-}
    number=\${number%%[!0-9]*}
    case $number in [0-9][0-9][0-9]) version=$number && break ;; esac
  done
  # systemd before 207 and the patched one of EL7 read /etc/sysctl.conf themselves
  { [ "$version" -lt 207 ] || [ "$era$version" = el7219 ]; } && conf_by_systemd=yes
  # EL6 reads it before the directory, by its own init script
  [ -z "$systemd" ] && conf_first=$(awk '
    /apply_sysctl\\(\\)/ { on = 1 }
    on && /sysctl\\.d/ { exit }
    on && /\\/etc\\/sysctl\\.conf/ { print "yes"; exit }
    on && /^}/ { exit }' /etc/rc.d/init.d/functions 2>/dev/null)

  directories=''
  # CentOS 5, SLES 11 and busybox read no directory at all
  if [ -n "$systemd" ] || grep -qs -e 'sysctl\\.d' -e 'sysctl.* --system' /etc/init.d/* /etc/rc.d/init.d/* \\
    /etc/rc.d/rc* /etc/rc* /etc/init/*.conf /etc/runit/* /etc/runit/core-services/* /etc/inittab 2>/dev/null; then
    for file in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
      directories="$directories $(readlink -f "$file")"
    done
    drop_in_directory=\${directories#' '}
    drop_in_directory=\${drop_in_directory%%' '*}
  fi
}

# files_of ENGINE: every sysctl file it reads, in its order: place (1: in a directory, 2: sysctl.conf), name, and the file
# behind all links.
files_of() {
  ordered=$directories
  [ "$1" = systemd ] || [ "$version" -ge 247 ] || ordered="/run/sysctl.d$directories"
  [ -n "$directories" ] || ordered=
  conf=yes
  [ "$1" = procps ] || conf=$conf_by_systemd
  [ -z "$conf_first" ] || place 2 /etc/sysctl.conf
  # shellcheck disable=SC2086 # a list
  by_name $ordered | while IFS= read -r file; do place 1 "$file"; done
  [ -z "$conf" ] || [ -n "$conf_first" ] || place 2 /etc/sysctl.conf
}

# by_name DIRECTORY...: the *.conf files by name in byte order, of equal names only that of the first directory.
by_name() {
  rank=0
  for directory; do
    rank=$((rank + 1))
    for file in "$directory"/*.conf; do
      case $file in *"$tab"* | *"$newline"*) continue ;; esac
      { [ -e "$file" ] || [ -L "$file" ]; } && printf '%s\\t%s\\t%s\\n' "\${file##*/}" "$rank" "$file"
    done
  done | sort -t "$tab" -k 1,1 -k 2,2n | awk -F '\\t' '($1 "") != (name "") { print $3 } { name = $1 }'
}

# place NUMBER FILE: the file, unless it masks others only: an empty one, a link to /dev/null.
place() {
  [ -f "$2" ] || return
  file=$2
  [ ! -L "$2" ] || file=$(readlink -f "$2")
  printf '%s\\t%s\\t%s\\n' "$1" "\${2##*/}" "$file"
}

# rows ENGINE: what the files say about the keys of the plan. ENGINE \`load\` is \`sysctl -p FILE\`, its files on standard input.
rows() {
  globs=$((version >= 245))
  case $1 in
    procps) files_of procps | assignments ' \\t\\v\\f\\r' $((version >= 243 ? 2 : 0)) 0 0 ;;
    systemd) files_of systemd | assignments ' \\t\\r' $((version >= 239)) 1 $((version >= 239)) ;;
    load) assignments ' \\t\\v\\f\\r' 2 0 0 ;;
  esac
}

# winner ENGINE FILE: \`=value\`, file and line of the assignment that is in force after the engine has run, or three dashes.
# An explicit key beats a pattern; with systemd, \`-key\` takes back what was said before it.
winner() {
  case $1 in procps) rows=$procps_rows ;; *) rows=$systemd_rows ;; esac
  printf '%s\\n' "$rows" | awk -F '\\t' -v engine="$1" -v path="\${2#/proc/sys/}" '
    $5 != path { next }
    $6 == "=" || $6 == "-" { explicit = 1 }
    $6 == "=" { last = "=" $7 FS $3 FS $4 }
    $6 == "-" && engine == "systemd" { last = "" }
    $6 == "*" && (engine == "procps" || !($8 in globs) || value[$8] != $7 "") { order[$8] = NR; value[$8] = $7 "" }
    $6 == "*" { globs[$8] = "=" $7 FS $3 FS $4 }
    $6 == "!" && engine == "systemd" { delete globs[$8] }
    END {
      if (!explicit) for (glob in globs) if (order[glob] > highest) { highest = order[glob]; last = globs[glob] }
      print (last == "" ? "-" FS "-" FS "-" : last)
    }'
}`.trim();
