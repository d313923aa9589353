/**
 * The four modes of a script, from checks to the exit code.
 */
export const modes = `
# show WHEN: every key with its running value and the lines that win at boot, for people and programs.
show() {
  when=$1
  each_change show_key
}
show_key() {
  running "$2" || { say "  $1: this host does not have it" && tell "$when" "$1" - - - - - - -; return; }
  say "  $1 = $tight"
  at_boot "sysctl --system" "$(winner procps "$2")"
  [ -z "$systemd" ] || at_boot systemd-sysctl "$(winner systemd "$2")"
  set -f
  IFS=$tab
  # shellcheck disable=SC2046 # value, file and line of each engine
  set -- "$1" "=$tight" $(winner procps "$2") $(winner systemd "$2")
  unset IFS
  set +f
  tell "$when" "$@"
}
at_boot() {
  case $2 in
    -*) say "    after the next boot, by $1: set by no file" ;;
    *) place=\${2#*"$tab"} && value=\${2%%"$tab"*} && say "    after the next boot, by $1: \${value#=} (\${place%"$tab"*}:\${place##*"$tab"})" ;;
  esac
}

# check_host: this must be one of the hosts of the plan, and the values those that it was made for.
check_host() {
  hostname=$(cat /proc/sys/kernel/hostname 2>/dev/null)
  if ! hosts_of_plan | grep -Fxq -e "$hostname"; then
    problem "this host calls itself \${hostname:-nothing}, which is no host of the plan."
    finish 3
  fi
}
check_facts() {
  problems=
  each_change check_fact
  [ -z "$problems" ] || finish 3
}
check_fact() {
  running "$2" || return 0
  [ "$tight" = "$3" ] || [ "$tight" = "$4" ] || problem "$1 is $tight, neither $3, for which the plan was made, nor $4."
}

# is_done: whether nothing is left to be done.
is_done() { [ -z "$needed$edits$values$by_hand" ]; }

# check: says what --apply would do.
check() {
  check_host
  look
  show before
  check_facts
  if is_done; then
    say "nothing is to be done"
    finish 0
  fi
  check_places || finish 3
  say "to be done:"
  [ -z "$needed" ] || [ -d "\${own_file%/*}" ] || step "make \${own_file%/*}"
  while IFS= read -r file; do
    [ -z "$file" ] || step "comment out $(lines_of "$file")"
  done <<END
$(files_to_edit)
END
  [ -z "$needed" ] || step "write $own_file"
  each_change check_step
  finish 10
}
check_step() {
  running "$2" && [ "$tight" != "$4" ] || return 0
  step "set $1 from $tight to $4"
}

# begin MODE: from here on this script is alone, has a log, and is not ended by a lost session.
begin() {
  if ! open_state; then
    problem "$home cannot be made a directory of root alone."
    finish 3
  fi
  trap '' HUP INT PIPE TERM
  if ! lock; then
    problem "another script of synaudit is at work on this host, or $states cannot be written."
    finish 3
  fi
  log=$home/log
  note "--$1 of plan $plan, cohort $cohort, by \${SUDO_USER:-root}"
}

# apply: the change, from checks to proof.
apply() {
  check_host
  begin apply
  was=$(state)
  case $was in
    begun | applied) mend || fail "what a crash had left half-written could not be mended" ;;
    *)
      find_traces
      [ -z "$problems" ] || finish 3
      ;;
  esac
  look
  show before
  check_facts
  check_places || finish 3
  case $was in begun | applied) ;; *) rm -f "$home/manifest" "$home/values" "$home"/*.[0-9]* ;; esac
  since=$(entries | awk 'END { print NR }')
  if ! is_done; then
    keep || fail "the way back could not be written"
    change || fail "a file could not be written"
    values_fail=
    each_change set_value
    [ -z "$values_fail" ] || fail "a running value could not be set"
    look
  fi
  if ! is_done; then
    show tried
    fail "the wanted values would not hold"
  fi
  set_state applied || fail "$home/state could not be written"
  show after
  say "done"
  finish 0
}

# keep: the way back, on the disk before anything is changed.
keep() {
  case $was in begun | applied) ;; *) save_values || return 1 ;; esac
  prepare && on_disk "$home" "$home"/* && set_state begun
}

# fail WHY: puts everything back, and shows what came of it.
fail() {
  problem "$1."
  say "putting everything back"
  code=5
  if put_back; then
    [ "$(state)" = none ] || set_state rolled-back
    code=4
  fi
  look
  show after
  finish $code
}

# verify: whether the wanted values are in force and will be after the next boot.
verify() {
  check_host
  look
  show after
  if is_done; then
    say "holds"
    finish 0
  fi
  each_change verify_value
  [ -z "$needed" ] || problem "another value would be in force after the next boot."
  problems=
  while IFS= read -r sentence; do [ -z "$sentence" ] || problem "$sentence."; done <<END
$by_hand
$(printf '%s\\n' "$edits" | sed -n "s/^[^$tab]*$tab\\([0-9]*\\)$tab\\(.*\\)/\\2:\\1 sets another value after the sysctl files/p")
END
  finish 1
}
verify_value() {
  running "$2" || return 0
  [ "$tight" = "$4" ] || problem "$1 is $tight, not $4."
}

# rollback: everything as it was before --apply.
rollback() {
  case $(state) in
    none | rolled-back)
      find_traces
      if [ -z "$problems" ]; then
        say "nothing of this plan is to be put back"
        finish 0
      fi
      look
      show before
      finish 5
      ;;
  esac
  begin rollback
  look
  show before
  if put_back; then
    each_change find_lost_value
    find_traces
  fi
  look
  show after
  [ -z "$problems" ] || finish 5
  if ! set_state rolled-back; then
    problem "$home/state could not be written; everything is put back."
    finish 5
  fi
  say "everything is as before"
  finish 0
}

main() {
  LC_ALL=C PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
  export LC_ALL PATH wanted drop_in file
  unset CDPATH
  umask 077
  tab=$(printf '\\t')
  newline='
'
  states=/var/lib/synaudit
  home=$states/$plan
  mark="# synaudit $plan"
  about="# Written by synaudit, plan $plan, cohort $cohort. The way back: sh SCRIPT --rollback, or see $home."
  log='' locked='' problems='' since=0
  mode=\${1:---check}
  case $#:$mode in
    [01]:--check | 1:--apply | 1:--verify | 1:--rollback) ;;
    *)
      echo "usage: sh script.sh [--check|--apply|--verify|--rollback]" >&2
      finish 2
      ;;
  esac
  say "synaudit plan $plan, cohort $cohort: \${mode#--}"
  if [ "$(id -u)" != 0 ] || [ ! -d /proc/sys/net ]; then
    problem "only root can do this, on Linux."
    finish 3
  fi
  know_engines
  "\${mode#--}"
}`.trim();
