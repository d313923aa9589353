import { insideAwk } from './namespace-awk.ts';
import { maxSocketsRead } from './sockets.ts';

/** Further network namespaces that are read at most; a Kubernetes node has about as many pods. */
export const maxNamespaces = 64;
/** Processes that are looked at: two stat() each, together about 15 us on a small virtual machine. */
export const maxProcesses = 4096;

/** Files below /proc/PID/net that a namespace is read through, in every sample. The others are one for the machine. */
export const namespaceFiles = [
  'netstat',
  'snmp',
  'snmp6',
  'sockstat',
  'sockstat6',
  'dev',
  'stat/nf_conntrack',
] as const;

/** Where `ip netns`, CNI plug-ins and Docker keep namespaces by a mount, so that they live without any process. */
const mountPlaces = ['run/netns', 'var/run/netns', 'run/docker/netns', 'var/run/docker/netns'] as const;

/** Whether a path is read of a process in another network namespace, once per sample. */
export const isNamespaceFile = (path: string): boolean => processFile.test(path);
const processFile = /^proc\/[1-9]\d{0,9}\/(?:net\/|stat$|cgroup$)/;

const ofProcess = namespaceFiles.map(file => `\${newline}proc/$process/net/${file}`).join('');
const ofSelf = namespaceFiles.map(file => `\${newline}proc/self/net/${file}`).join('');

/**
 * Network namespaces beside the one of the login, on a live host. Which process lives in another one is told by shell
 * builtins: procfs gives every namespace its own `net` tree, so equal inodes of /proc/PID/net/netstat are equal
 * namespaces, for anybody who sees the process (fs/proc/proc_net.c, get_proc_task_net(); no ptrace check). A host without
 * containers starts no process for it. With others there, one `ls` groups them; their counters are read by the grep that
 * reads all files. Root enters each with one `nsenter awk` for its settings and sockets, because /proc/sys/net shows the
 * namespace of the reader (net/sysctl_net.c); others get the sockets from outside, by /proc/PID/net/tcp.
 * `pause` only holds the namespace of a pod: any other process is a better name for it. The process with the lowest
 * number tells how long the namespace has been there.
 */
export const namespaces = {
  id: 'proc/PID/net',
  sh: `
# find_namespaces: sets $spaces to the inodes of namespaces to read, $inner to the files that read_all reads for them.
find_namespaces() {
  spaces='' inner='' settings='' others='' mounts='' beyond=0 known=0 oldest='' identity='' rights=''
  [ -z "$root" ] && cd -P /proc/self/fd 2>/dev/null || return 0
  say namespaces
  [ -e ../../1/net/netstat ] || say hidden
  # before Linux 3.8 the inodes of ns/net say nothing
  [ -O /proc/sys ] && [ -L ../ns/net ] && rights=yes
  { [ -n "$rights" ] && find_processes ns/net || find_processes net/netstat; } 3</proc/self/net/netstat
  cd / || return
  find_mounts
  [ -n "$others$mounts" ] || return 0
  IFS=$newline
  set -f
  found=$(ls -diL $others $mounts 2>/dev/null)
  for line in $found; do
    path=\${line##* } inode=\${line% *} inode=\${inode##* }
    case $inode in '' | *[!0-9]*) ;; *) sort_in ;; esac
  done
  for inode in $spaces; do
    eval "process=\\$process_$inode oldest=\\$oldest_$inode"
    case $process in
      */*) say namespace "$inode" "$process" ;;
      *)
        say namespace "$inode" "proc/$process" "$oldest"
        inner="$inner${ofProcess}\${newline}proc/$process/stat\${newline}proc/$process/cgroup"
        [ "$process" = "$oldest" ] || inner="$inner\${newline}proc/$oldest/stat" ;;
    esac
  done
  set +f
  unset IFS
  [ $beyond -eq 0 ] || say beyond $beyond
}

# find_processes FILE: sets $others to that file of every process in another namespace; fails where one is not accessible.
# It stands in /proc/self/fd, where 3 is the shortest way to the file of our own.
find_processes() {
  identity=$1 looked=0 others=''
  for process in ../../[1-9]*; do
    [ $((looked += 1)) -le ${maxProcesses} ] || { say unlooked; break; }
    [ "$process/net/netstat" -ef 3 ] && continue
    [ -e "$process/net/netstat" ] || continue # a zombie has no namespace
    [ -e "$process/$identity" ] || { [ -e "$process/net/netstat" ] && return 1; continue; }
    others="$others\${newline}proc/\${process##*/}/$identity"
  done
}

# find_mounts: sets $mounts to files that hold a namespace; says how many there are where they cannot be told apart.
find_mounts() {
  named=0
  for place in ${mountPlaces.join(' ')}; do
    case $place in var/*) [ "$place" -ef "\${place#var/}" ] && continue ;; esac
    for file in "$place"/*; do
      [ -f "$file" ] && [ -r "$file" ] && ! [ "$file" -ef proc/self/ns/net ] || continue
      case \${file##*/} in *[!A-Za-z0-9._@:+-]*) continue ;; esac
      mounts=$mounts$newline$file named=$((named + 1))
    done
  done
  [ "$identity" = ns/net ] || { mounts=; [ $named -eq 0 ] || say named $named; }
}

# sort_in: files one process or mount ($path) under its namespace ($inode).
sort_in() {
  process=\${path#proc/} process=\${process%%/*}
  eval "chosen=\\\${process_$inode-}"
  case $path in proc/*) ;; *) [ -z "$chosen" ] || return 0; process=$path ;; esac
  if [ -z "$chosen" ]; then
    if [ $((known += 1)) -gt ${maxNamespaces} ]; then
      beyond=$((beyond + 1))
      eval "process_$inode=beyond"
      return
    fi
    spaces=$spaces$newline$inode sandbox=
    is_pause && sandbox=yes
    eval "process_$inode=\\$process oldest_$inode=\\$process sandbox_$inode=$sandbox"
  elif [ "$chosen" != beyond ]; then
    eval "oldest=\\$oldest_$inode sandbox=\\$sandbox_$inode"
    [ "$process" -ge "$oldest" ] || eval "oldest_$inode=$process"
    [ -n "$sandbox" ] || [ "$process" -lt "$chosen" ] || return 0
    is_pause || eval "process_$inode=$process sandbox_$inode="
  fi
}

is_pause() { name=; { read -r name <"proc/$process/comm"; } 2>/dev/null; [ "$name" = pause ]; }

# settings_wanted: sets $settings to what was wanted of /proc/sys/net, but for interfaces, which are the namespace's own.
settings_wanted() {
  [ -n "$spaces" ] || return 0
  IFS=$newline
  for file in $list$recent; do
    case $file in
      proc/sys/net/ipv4/conf/all/* | proc/sys/net/ipv4/conf/default/*) ;;
      proc/sys/net/ipv4/conf/*) continue ;;
      proc/sys/net/*) ;;
      *) continue ;;
    esac
    settings=$settings$newline$file
  done
  unset IFS
}

# read_namespaces: settings and sockets of each, in one awk process.
read_namespaces() {
  [ -n "$spaces" ] && command -v awk >/dev/null || return 0
  entered='' spent=$open
  [ $open -le ${maxSocketsRead} ] || spent=0
  counters="${ofSelf}"
  if [ -n "$rights" ]; then
    if command -v nsenter >/dev/null; then entered=yes; else say missing nsenter; fi
  fi
  IFS=$newline
  set -f
  for inode in $spaces; do
    eval "process=\\$process_$inode"
    case $process in
      */*) [ -z "$entered" ] || read_mounted </dev/null 2>/dev/null ;;
      *) read_running </dev/null 2>/dev/null ;;
    esac
  done
  set +f
  unset IFS
}

# within FILE TABLE...: enters the namespace that the file holds. Without any socket there is no queue to ask ss for.
within() {
  at=$1
  shift
  say within "$inode"
  nsenter "--net=$at" awk -v ss="\${1:+$ss}" "$inside$program" $files from=counters proc/self/net/netstat from=table "$@"
}

# read_running: of a namespace that a process lives in; from outside if it cannot be entered, and so cannot any other.
read_running() {
  count_sockets "proc/$process/net"
  if [ "$bounded" = yes ] && [ $((spent + open)) -gt ${maxSocketsRead} ]; then say crowded "$inode" "$open"; open=0; fi
  spent=$((spent + open)) files=$settings v4='' v6=''
  [ $open -eq 0 ] || v4=net/tcp
  [ $open -eq 0 ] || [ "$open6" = 0 ] || [ ! -e "proc/$process/net/tcp6" ] || v6=net/tcp6
  if [ -n "$entered" ] && [ -e "proc/$process/ns/net" ]; then
    within "proc/$process/ns/net" \${v6:+proc/self/$v6} \${v4:+proc/self/$v4} && return
    entered=
  fi
  say within "$inode"
  [ -z "$v4" ] || awk "$program" from=table \${v6:+proc/$process/$v6} "proc/$process/$v4"
}

# read_mounted: of a namespace that a mount holds. A program may have sockets there and live elsewhere; how many there are
# is known of the whole machine only.
read_mounted() {
  files=$settings$counters
  set -- proc/self/net/tcp
  [ ! -e proc/net/tcp6 ] || set -- proc/self/net/tcp6 "$@"
  if [ "$bounded" = yes ] && [ $alloc -gt ${maxSocketsRead} ]; then say crowded "$inode" "$alloc"; set --; fi
  within "$process" "$@"
}

# reread_namespaces: counters of those that only a mount holds, for the second sample.
reread_namespaces() {
  [ -n "$entered" ] || return 0
  IFS=$newline
  set -f
  for inode in $spaces; do
    eval "process=\\$process_$inode"
    case $process in */*) ;; *) continue ;; esac
    say again "$inode"
    nsenter "--net=$process" grep -as '' /dev/null $counters </dev/null 2>/dev/null
  done
  set +f
  unset IFS
}
inside='${insideAwk}'`.trim(),
};
