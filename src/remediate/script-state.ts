/**
 * The directory for the way back on the host: state, lock, manifest, running values of before.
 */
export const wayBack = `
# state: how far the plan is on this host.
state() {
  if [ -z "$locked" ] && is_locked; then echo busy; return; fi
  case $(cat "$home/state" 2>/dev/null) in
    begun) echo begun ;;
    applied) echo applied ;;
    rolled-back) echo rolled-back ;;
    *) echo none ;;
  esac
}

# set_state WORD: in one step, on the disk.
set_state() {
  { printf '%s\\n' "$1" >"$home/state.new" && on_disk "$home/state.new" && mv -f "$home/state.new" "$home/state"; } 2>/dev/null || return 1
  note "state: $1"
}

# on_disk FILE...: old versions of sync know no file names and write everything.
on_disk() { sync "$@" 2>/dev/null || sync; }

# open_state: makes the directory for the way back: root's, for nobody else.
open_state() {
  mkdir -p "\${states%/*}" && { [ -d "$states" ] || mkdir -m 700 "$states"; } || return 1
  { [ -d "$home" ] || mkdir -m 700 "$home"; } && own "$states" && own "$home" || return 1
}

# own DIRECTORY: whether it is a directory of root; makes it 0700.
own() {
  [ ! -L "$1" ] && [ -d "$1" ] && [ "$(listed 3 "$1")" = 0 ] && chmod 700 "$1"
}

# listed COLUMN FILE: of what ls tells: 2 is how many names the file has, 3 its owner.
# shellcheck disable=SC2012 # these columns stand before the name
listed() { ls -ldn "$2" | awk -v column="$1" '{ print $column }'; }

# lock: one script at a time on this host. The lock names its process, so that one left behind by kill -9 or a crash is
# known as such: no process of that number, another start time or another boot.
lock() {
  printf '%s\\n' "$(process $$)" >"$states/lock.$$" || return 1
  tries=0
  until ln "$states/lock.$$" "$states/lock" 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 3 ] || is_locked; then
      rm -f "$states/lock.$$"
      return 1
    fi
    # two may find it stale: what the slower one takes away must not be the new lock of the other
    mv "$states/lock" "$states/stale.$$" 2>/dev/null || continue
    ! is_locked "$states/stale.$$" || ln "$states/stale.$$" "$states/lock" 2>/dev/null
    rm -f "$states/stale.$$"
  done
  rm -f "$states/lock.$$"
  locked=yes
}

unlock() {
  [ -z "$locked" ] || rm -f "$states/lock"
  locked=
}

# is_locked [FILE]: whether the process that the lock names is still at work.
is_locked() {
  [ -f "\${1:-$states/lock}" ] && read -r pid rest <"\${1:-$states/lock}" || return 1
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$(process "$pid")" = "$pid $rest" ]
}

# process NUMBER: its number, its start time and the boot that it belongs to; "gone" where there is none.
process() {
  kill -0 "$1" 2>/dev/null || { echo gone; return; }
  started=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{ print $20 }')
  printf '%s %s %s\\n' "$1" "\${started:--}" "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
}

# entries [DOWN]: the manifest: number, kind (edited, created, directory), file; DOWN: the newest first.
entries() {
  if [ -n "$1" ]; then sort -t "$tab" -k 1,1nr "$home/manifest" 2>/dev/null; else cat "$home/manifest" 2>/dev/null; fi
}

# record KIND FILE: writes down what is about to happen to FILE, before it happens; sets $number.
record() {
  number=$(($(entries | awk 'END { print NR }') + 1))
  printf '%s\\t%s\\t%s\\n' "$number" "$1" "$2" >>"$home/manifest" || return 1
}

# save_values: the running values as they were before the plan.
save_values() {
  printf '' >"$home/values.new" && each_change save_value && mv -f "$home/values.new" "$home/values"
}
save_value() {
  running "$2" || return 0
  printf '%s\\t%s\\n' "$1" "$tight" >>"$home/values.new"
}`.trim();
