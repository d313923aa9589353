/**
 * How everything is put back, after --apply failed or by --rollback.
 */
export const undoing = `
# put_back: undoes all that the manifest tells, the newest first, and the running values. False where something stays.
put_back() {
  problems=
  while IFS=$tab read -r number kind file; do
    case $kind in
      edited) copy="put back; its copy is $home/before.$number" ;;
      *) copy="removed" ;;
    esac
    case $kind in
      edited | created) rm -f "$(beside "$file")"; "put_back_$kind" ;;
      directory) [ ! -d "$file" ] || ! rmdir "$file" 2>/dev/null || step "remove $file" ;;
    esac || problem "$file could not be $copy."
  done <<END
$(entries down)
END
  each_change put_back_value
  [ -z "$problems" ]
}

# put_back_edited: $file as it was before.
put_back_edited() {
  if [ ! -e "$file" ]; then
    step "leave $file: somebody has removed it"
  elif [ -e "$home/torn.$number" ] || cmp -s "$home/after.$number" "$file"; then
    step "put back $file"
    stage "$home/before.$number" "$file" "$home/before.$number" && replace "$staged" "$file" &&
      cmp -s "$home/before.$number" "$file" && rm -f "$home/torn.$number"
  elif ! cmp -s "$home/before.$number" "$file"; then
    take_ours_back
  fi
}

# put_back_created: $file was ours.
put_back_created() {
  [ -e "$file" ] || return 0
  if [ -e "$home/torn.$number" ] || cmp -s "$home/after.$number" "$file"; then
    step "remove $file"
    rm -f "$file" "$home/torn.$number"
  else
    take_ours_back
  fi
}

# take_ours_back: $file was changed by somebody after us, so only our marks and lines go.
take_ours_back() {
  without_ours <"$file" >"$home/taken.$number" || return 1
  if [ "$kind" = created ] && ! grep -q '[^[:space:]]' "$home/taken.$number"; then
    step "remove $file"
    rm -f "$file"
  elif ! cmp -s "$home/taken.$number" "$file"; then
    step "take only our marks out of $file: somebody has changed it since"
    stage "$home/taken.$number" "$file" "$file" && replace "$staged" "$file"
  fi
}

# put_back_value KEY FILE FROM TO: the value of before, unless somebody has set another one since.
put_back_value() {
  running "$2" || return 0
  old=$(key=$1 awk -F '\\t' '$1 == ENVIRON["key"] { print "=" $2 }' "$home/values" 2>/dev/null)
  [ -n "$old" ] && [ "$tight" != "\${old#=}" ] || return 0
  if [ "$tight" != "$4" ]; then
    step "leave $1 at $tight: somebody has set it since"
    return 0
  fi
  step "set $1 from $tight back to \${old#=}"
  printf '%s\\n' "\${old#=}" 2>/dev/null >"$2"
  running "$2"
  [ "$tight" = "\${old#=}" ] || problem "$1 stays at $tight, the kernel did not take \${old#=}."
}

# find_traces: a problem for each file that has lines of this plan although $home tells of none: part of it was lost.
find_traces() {
  while IFS= read -r file; do
    [ -z "$file" ] || problem "$file has lines of this plan, marked with its id, but the way back in $home is lost: put it back by hand."
  done <<END
$(grep -lsF -e "$mark " /etc/sysctl.conf /etc/sysctl.d/*.conf /etc/ufw/*.conf /etc/tuned/*/tuned.conf \\
    /etc/tuned/profiles/*/tuned.conf /etc/rc.local /etc/rc.d/rc.local | while IFS= read -r file; do readlink -f "$file"; done | sort -u)
END
}

# find_lost_value KEY FILE FROM TO: a problem where the value of before is not known any more.
find_lost_value() {
  [ ! -e "$home/values" ] && running "$2" && [ "$tight" = "$4" ] && [ "$3" != "$4" ] || return 0
  problem "$1 stays at $4, as $home/values is lost, which told its value of before; the plan was made for $3."
}

# mend: after a crash in the midst of it: files that were being written in place are as before again, nothing half-written
# lies about.
mend() {
  while IFS=$tab read -r number kind file; do
    case $kind in edited | created) rm -f "$(beside "$file")" ;; *) continue ;; esac
    [ ! -e "$home/torn.$number" ] || "put_back_$kind" || return 1
  done <<END
$(entries down)
END
}`.trim();
