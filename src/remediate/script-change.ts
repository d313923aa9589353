/**
 * How files and running values are changed: kept first, then written beside, then exchanged in one step.
 */
export const changes = `
# edited FILE: its content with the lines of $edits made comments; all other bytes stay. In a shell script a comment
# behind \`:\`, so that \`if\` and \`for\` around it stay valid.
edited() {
  sed -e "$(printf '%s\\n' "$edits" | file=$1 mark="$mark" awk -F '\\t' '
    $3 "" == ENVIRON["file"] "" { print $2 "s/^/" ($1 == ":" ? ": " : "") ENVIRON["mark"] " was: /" }')" "$1"
}

# unedited: standard input without our marks.
unedited() { sed -e "s/^: $mark was: //" -e "s/^$mark was: //"; }

# own_lines: the assignments, each behind a comment that says whose it is.
own_lines() { printf '%s' "$lines" | sed "s/^/$mark added: /;p;s/^$mark added: //"; }

# without_ours: standard input without our marks and lines, for a file that somebody has changed after us.
without_ours() {
  unedited | mark="$mark added: " awk '
    index($0, ENVIRON["mark"]) == 1 { added = substr($0, length(ENVIRON["mark"]) + 1); next }
    added != "" && $0 == added { added = ""; next }
    { added = ""; print }'
}

# prepare: keeps every file and says in the manifest what will become of it. Nothing else is changed yet.
prepare() {
  while IFS= read -r file; do
    [ -z "$file" ] || prepare_file "$file" || return 1
  done <<END
$(files_to_edit)
END
  [ -n "$needed" ] || return 0
  if [ -z "$directories" ]; then
    number=$(entry_of "$own_file")
    [ -n "$number" ] || prepare_file "$own_file" || return 1
    add_lines "$home/after.$number"
  else
    [ -d "\${own_file%/*}" ] || record directory "\${own_file%/*}" || return 1
    record created "$own_file" && { printf '%s\\n' "$about" && own_lines; } >"$home/after.$number"
  fi
}

# prepare_file FILE: a file that is to be edited; where it is missing, created.
prepare_file() {
  [ -e "$1" ] || { record created "$1" && printf '%s\\n' "$about" >"$home/after.$number"; return; }
  next=$(($(entries | awk 'END { print NR }') + 1))
  cp -p "$1" "$home/before.$next" && edited "$1" >"$home/after.$next" && record edited "$1"
}

# add_lines FILE: our own lines at its end, which may lack a line end.
add_lines() {
  { [ -z "$(tail -c 1 "$1")" ] || echo >>"$1"; } && own_lines >>"$1"
}

# entry_of FILE: the newest number of a file in the manifest that this call has made.
entry_of() {
  entries | file=$1 since=$since awk -F '\\t' '$1 > ENVIRON["since"] + 0 && $3 "" == ENVIRON["file"] "" { n = $1 } END { print n }'
}

# change: brings what was prepared into place: first everything is written beside its file, then files are exchanged.
change() {
  while IFS=$tab read -r number kind file; do
    [ "\${number:-0}" -gt "$since" ] || continue
    case $kind in
      directory) step "make $file" && { [ -d "$file" ] || mkdir -m 755 "$file"; } ;;
      created) stage "$home/after.$number" "$file" '' && chmod 644 "$staged" ;;
      edited) stage "$home/after.$number" "$file" "$file" ;;
    esac || return 1
  done <<END
$(entries)
END
  while IFS=$tab read -r number kind file; do
    if [ "\${number:-0}" -le "$since" ] || [ "$kind" = directory ]; then continue; fi
    case $kind in
      created) step "write $file" ;;
      edited) step "comment out $(lines_of "$file")" ;;
    esac
    replace "$(beside "$file")" "$file" && cmp -s "$home/after.$number" "$file" && on_disk "\${file%/*}" || return 1
  done <<END
$(entries)
END
}

# lines_of FILE: \`/etc/sysctl.conf:17\` for every line of $edits in it.
lines_of() {
  printf '%s\\n' "$edits" | file=$1 awk -F '\\t' '$3 "" == ENVIRON["file"] "" { out = out sep $3 ":" $2; sep = ", " } END { print (out == "" ? "nothing; add lines to " ENVIRON["file"] : out) }'
}

# beside FILE: where the new one is written; no engine reads a name like that.
beside() { printf '%s/.synaudit-%s-%s\\n' "\${1%/*}" "$plan" "$number"; }

# stage SOURCE FILE LIKE: writes SOURCE beside FILE, with mode, owner, times and SELinux context of LIKE.
stage() {
  staged=$(beside "$2")
  rm -f "$staged"
  [ -z "$3" ] || cp -p "$3" "$staged" || return 1
  [ "$1" = "$3" ] || cat "$1" >"$staged" || return 1
  if [ -e /sys/fs/selinux/enforce ] || [ -e /selinux/enforce ]; then
    if [ -e "$2" ]; then chcon --reference="$2" "$staged"; else restorecon "$staged"; fi 2>/dev/null
  fi
  on_disk "$staged"
}

# replace STAGED FILE: in one step. In place where FILE has several names or something is mounted on it; then a mark says
# so meanwhile, and a crash is made good from the copy.
replace() {
  if [ ! -e "$2" ] || [ "$(listed 2 "$2")" = 1 ]; then
    mv -f "$1" "$2" 2>/dev/null && return
  fi
  printf '' >"$home/torn.$number" && on_disk "$home/torn.$number" || return 1
  cat "$1" >"$2" && touch -r "$1" "$2" && on_disk "$2" && rm -f "$home/torn.$number" "$1"
}

# set_value KEY FILE FROM TO: sets and reads back the running value.
set_value() {
  running "$2" || return 0
  [ "$tight" != "$4" ] || return 0
  step "set $1 from $tight to $4"
  printf '%s\\n' "$4" 2>/dev/null >"$2"
  running "$2"
  [ "$tight" = "$4" ] && return
  problem "$1 stays at $tight, the kernel did not take $4."
  values_fail=yes
}`.trim();
