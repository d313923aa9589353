import { bootWriters } from '../sources/boot-writers.ts';
import { fileSources } from '../sources/index.ts';
import { namespaces } from '../sources/namespaces.ts';
import { sockets } from '../sources/sockets.ts';
import { sysctlFiles } from '../sources/sysctl-files.ts';
import { sysctlKeys } from '../sources/sysctl-keys.ts';

/** What one run of the collector is asked to do. */
export interface CollectorOptions {
  /** From `newBoundary`, a new one for every run. */
  readonly boundary: string;
  /** Between the samples. 0: one sample. Unit: s. */
  readonly intervalSeconds: number;
  /** `bounded`: above 100,000 sockets only their number is read. */
  readonly sockets: 'bounded' | 'all';
  /** Count outgoing connections that were idle for longer than so many seconds; left out: do not ask. Unit: s. */
  readonly idleSeconds?: readonly number[];
}

/** Files above this are not read. */
const maxFileBytes = 1024 * 1024;
/** Socket tables of a captured tree are streamed through awk, not held: 64 MiB are about 400,000 sockets. */
const maxTableBytes = 64 * maxFileBytes;
/** Lines sent of one file at most: interfaces in /proc/net/dev, for instance. */
const maxLines = 4096;
/** As the kernel's MAXSYMLINKS. */
const maxLinks = 40;

/** `find -size` counts blocks of 512 bytes, rounded up (POSIX). */
const blocks = (bytes: number): number => bytes / 512;

/** Name and version of the format, first word of the first line. */
export const formatName = 'synaudit-collector/1';

/** A boundary from at least 16 random bytes: nothing on a host can know it, so no file can fake a frame. */
export function newBoundary(random: Uint8Array): string {
  if (random.length < 16) throw new RangeError('a boundary needs 16 random bytes');
  return Array.from(random, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The last line of complete output, without its line end. */
export const endMarker = (boundary: string): string => `@${boundary} end`;

/**
 * The words that sources are written in. Everything is decided by shell builtins; only reading costs processes.
 * No `read` from /proc/sys: dash reads byte by byte, and a sysctl file gives its value to the first read only.
 */
const words = `
say() { printf '%s' "$mark"; printf ' %s' "$@"; printf '\\n'; }

# at PATH: sets $real to where PATH is. Below a root prefix links are followed inside that root and never out of it.
at() {
  real=$1
  [ -n "$root" ] || return 0
  ahead=$1 real='' links=0
  while [ -n "$ahead" ]; do
    case $ahead in */*) part=\${ahead%%/*} ahead=\${ahead#*/} ;; *) part=$ahead ahead= ;; esac
    case $part in '' | .) continue ;; ..) case $real in */*) real=\${real%/*} ;; *) real= ;; esac; continue ;; esac
    step=$real\${real:+/}$part
    if [ -L "./$step" ]; then
      links=$((links + 1))
      [ $links -le ${maxLinks} ] && target=$(readlink "./$step") && [ -n "$target" ] || { real=; return 1; }
      case $target in /*) real= ;; esac
      ahead=$target\${ahead:+/}$ahead
    else
      real=$step
    fi
  done
  [ -n "$real" ]
}

# inside DIRECTORY: whether it can be listed; sets $real.
inside() { at "$1" && [ -d "./$real" ] && [ -r "./$real" ] && [ -x "./$real" ]; }

# directory PATH: says whether it can be listed.
directory() {
  if inside "$1"; then say directory "$1"
  elif at "$1" && [ -d "./$real" ]; then say denied "$1"
  else say absent "$1"; fi
}

# want PATH: has the file read with the others, or says why not. The first line is the usual case, kept cheap.
want() {
  [ -z "$root$oversize" ] && [ -f "$1" ] && [ -r "$1" ] && { add "$1"; return; }
  if ! at "$1"; then say malformed "$1" // links do not end; return; fi
  if [ ! -e "./$real" ]; then
    case $real in */*) [ -d "./\${real%/*}" ] && [ ! -x "./\${real%/*}" ] && { say denied "$1"; return; } ;; esac
    say absent "$1"
  elif [ ! -f "./$real" ]; then say malformed "$1" // not a regular file
  elif [ ! -r "./$real" ]; then say denied "$1"
  else
    case $oversize in *"$newline$real$newline"*) say malformed "$1" // larger than ${maxFileBytes / 1024} KiB; return ;; esac
    [ "$real" = "$1" ] || say real "$real" // "$1"
    case $list$recent$newline in *"$newline$real$newline"*) ;; *) add "$real" ;; esac
  fi
}

# add FILE: appends to the list, in pieces: dash copies a variable byte by byte, 180 times the whole list takes 4 ms.
add() {
  recent=$recent$newline$1
  [ \${#recent} -lt 400 ] || { list=$list$recent; recent=; }
}

# each DIRECTORY PATTERN: wants every file of the directory that matches, but for the secrets in $deny.
each() {
  inside "$1" || return
  found=$real
  for file in "./$real"/$2; do
    name=\${file##*/}
    case " $deny $2 " in *" $name "*) [ "$name" = "$2" ] && [ -e "$file" ] || continue ;; esac
    # below a root prefix: a plain file in a directory without links needs no resolving
    if [ -n "$root" ] && [ "$found" = "$1" ] && [ ! -L "$file" ] && [ -f "$file" ] && [ -r "$file" ]; then add "$1/$name"
    else want "$1/$name"; fi
  done
}

# conf PATH: a sysctl file; links to /dev/null are said, not read.
conf() {
  case $1 in *:* | *"$newline"*) say malformed etc/sysctl.d // a file name with a colon or a newline; return ;; esac
  if at "$1" && { [ "$real" = dev/null ] || [ -L "$1" ] && [ -c "$1" ]; }; then say masked "$1"; return; fi
  say conf "$1"
  [ -L "./$1" ] && [ "./$real" -ef ./etc/sysctl.conf ] && say same "$1" // etc/sysctl.conf
  want "$1"
}

# locate_tables: sets $tables to where the socket tables of a captured tree are, so that one find sees all sizes.
locate_tables() {
  [ -n "$root" ] || return 0
  for table in proc/net/tcp6 proc/net/tcp; do
    at "$table" && [ -f "./$real" ] && tables=$tables$newline$real
  done
}

# want_table PATH: as want, for tables that are streamed and not held.
want_table() {
  if ! at "$1" || [ ! -e "./$real" ]; then say absent "$1"
  elif [ ! -f "./$real" ]; then say malformed "$1" // not a regular file
  elif [ ! -r "./$real" ]; then say denied "$1"
  else
    case $oversize in
      *"$newline$real$newline"*)
        [ -z "$(find "./$real" -prune -size +${blocks(maxTableBytes)})" ] ||
          { say malformed "$1" // larger than ${maxTableBytes / maxFileBytes} MiB; return 1; } ;;
    esac
    return 0
  fi
  return 1
}

# drop_oversize: takes files that are too large from the list; /proc itself gives every file the size 0.
drop_oversize() {
  for file in $(find $list $tables -prune -size +${blocks(maxFileBytes)} 2>/dev/null); do
    oversize=\${oversize:-$newline}$file$newline
    case $tables$newline in *"$newline$file$newline"*) ;; *) say malformed "$file" // larger than ${maxFileBytes / 1024} KiB ;; esac
  done
  [ -z "$oversize" ] && return
  for file in $list; do
    case $oversize in *"$newline$file$newline"*) ;; *) kept=$kept$newline$file ;; esac
  done
  list=$kept
}

# read_all: reads what was wanted in one process, each line behind the name of its file.
read_all() {
  list=$list$recent
  recent=
  IFS=$newline
  set -f
  [ "$1" = first ] && drop_oversize
  say files
  grep -as -m ${maxLines} '' /dev/null $inner $list
  set +f
  unset IFS
  list=
}`.trim();

const wants = (isSampled: boolean): string =>
  fileSources
    .filter(source => source.sampled === isSampled)
    .map(source => `  want ${source.path}`)
    .join('\n');

/** All of the script but the lines that differ from run to run; built once per process. */
const body = `
mark=@$boundary
newline='
'
list='' recent='' oversize='' kept='' tables=''

${words}

${namespaces.sh}

sample() {
  say sample "$1"
${wants(true)}
}

collect() {
  root=$1
  [ "$root" != / ] || root=
  cd "\${root:-/}" || return
  say self "$SSH_CONNECTION"
  command -v grep >/dev/null || say missing grep
  find_namespaces
  sample 1
${wants(false)}
${sysctlKeys.sh}
  settings_wanted
${sysctlFiles.sh}
${bootWriters.sh}
  locate_tables
  read_all first
${sockets.sh}
  read_namespaces
  [ "$interval" -gt 0 ] || return
  sleep "$interval"
  sample 2
  read_all again
  reread_namespaces
}

LC_ALL=C
PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH
CDPATH=
printf '${formatName} %s\n' "$boundary"
collect "$1" </dev/null
say end
`;

/**
 * The one script that runs on a host, for `sh -s` or `sh -s -- ROOT`: bash 3, dash, busybox. It reads, prints and
 * leaves nothing behind. It acts only when its last lines have come, so a script cut in transit does nothing.
 */
export function collectorScript({
  boundary,
  intervalSeconds,
  sockets: bound,
  idleSeconds = [],
}: CollectorOptions): string {
  if (!/^[0-9a-f]{32,}$/.test(boundary)) throw new RangeError('a boundary is 32 hexadecimal digits or more');
  if (!Number.isSafeInteger(intervalSeconds) || intervalSeconds < 0) {
    throw new RangeError('the interval is a whole number of seconds');
  }
  if (!idleSeconds.every(seconds => Number.isSafeInteger(seconds) && seconds > 0)) {
    throw new RangeError('idle times are whole numbers of seconds');
  }
  return `# ${formatName}: reads TCP settings and counters, writes nothing. Usage: sh -s [-- ROOT]
boundary=${boundary} interval=${intervalSeconds} bounded=${bound === 'bounded' ? 'yes' : 'no'} idle='${idleSeconds.join(' ')}'
${body}`;
}
