/**
 * How a script speaks: lines for people, `@synaudit` lines for programs, a log; and how it reads values.
 */
export const words = `
# clean TEXT: sets $clean to TEXT on one line, all but printable ASCII replaced: no file name or value can forge a line.
clean() {
  clean=$1
  case $clean in *[!\\ -~]*) clean=$(printf '%s' "$clean" | tr -c ' -~' '?') ;; esac
  [ \${#clean} -le 300 ] || clean=$(printf '%.300s...' "$clean")
}

# say TEXT: a line for people, which the log keeps, too. That nobody listens any more must not end the work.
say() {
  clean "$1"
  printf '%s\\n' "$clean" 2>/dev/null || :
  note "$clean"
}

# tell WORD FIELD...: a line for programs.
tell() {
  told=@synaudit
  for field; do
    clean "$field"
    told=$told$tab$clean
  done
  printf '%s\\n' "$told" 2>/dev/null || :
}

# note TEXT: a line with its time in the log, once there is one.
note() { [ -z "$log" ] || printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" 2>/dev/null >>"$log" || :; }

step() {
  say "  $1"
  tell step "$1"
}

problem() {
  problems=yes
  say "  problem: $1"
  tell problem "$1"
}

# finish CODE: the last words; everything ends here.
finish() {
  tell state "$(state)"
  unlock
  note "ends with exit code $1"
  tell exit "$1"
  printf '@synaudit end\\n' 2>/dev/null
  exit "$1"
}

# tight TEXT: sets $tight to TEXT with single blanks between its words, as the plan writes values.
tight() {
  set -f
  # shellcheck disable=SC2086 # to be split
  set -- $1
  set +f
  tight=$*
}

# running FILE: sets $tight to the running value; false where the host does not have the key.
running() {
  tight=
  [ -f "$1" ] && value=$(cat "$1" 2>/dev/null) || return 1
  tight "$value"
}`.trim();
