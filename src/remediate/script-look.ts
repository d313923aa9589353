/**
 * What is to be done on the host, and whether it can be: all that is found out before anything is changed.
 */
export const findings = `
# look: finds out what is so and what is to be done; changes nothing. Sets $edits (how, line, file of each line that
# is to become a comment), $by_hand (sentences), $lines (our own), $needed (whether they are needed), $values (keys to set).
look() {
  wanted='' lines='' values='' needed='' edits='' by_hand=''
  each_change look_at_key
  procps_rows=$(rows procps)
  systemd_rows=
  [ -z "$systemd" ] || systemd_rows=$(rows systemd)
  each_change look_at_boot
  later=$(later_writers)
  case $newline$later in *"\${newline}reapplied"*) each_change look_at_tuned ;; esac
  drop_in=$(choose_name)
  [ -n "$directories" ] && own_file=$drop_in_directory/$drop_in || own_file=$(readlink -f /etc/sysctl.conf)
  if [ -n "$needed" ]; then
    later=$later$newline$({ printf '%s\\n' "$procps_rows" | winning_over procps; printf '%s\\n' "$systemd_rows" | winning_over systemd; })
  fi
  edits=$(printf '%s\\n' "$later" | sed -n "s/^edit$tab//p" | sort -u)
  by_hand=$by_hand$newline$(printf '%s\\n' "$later" | sed -n "s/^hand$tab//p")
  by_hand=\${by_hand#"$newline"}
  look_at_names
  [ -n "$directories" ] && [ \${#drop_in} -gt 250 ] && by_hand="$by_hand\${newline}a file outside /etc with a very long name sets a key of the plan: rename it"
  case $own_file in
    /etc/*) ;;
    *) [ -z "$needed" ] || by_hand="$by_hand$newline$own_file is not under /etc: set the values there by hand" ;;
  esac
}

look_at_key() {
  running "$2" || return 0
  wanted="$wanted$newline\${2#/proc/sys/}$tab$4"
  lines="$lines$1 = $4$newline"
  [ "$tight" = "$4" ] || values="$values $1"
}

look_at_boot() {
  running "$2" || return 0
  for engine in procps \${systemd:+systemd}; do
    found=$(winner "$engine" "$2")
    case $found in
      '') by_hand="the awk of this host cannot tell which file wins" ;;
      "=$4$tab"*) ;;
      *) needed=yes ;;
    esac
  done
}

# look_at_names: these lists are lines with tabs.
look_at_names() {
  for directory in $directories; do
    for file in "$directory"/*.conf; do
      case $file in *"$tab"* | *"$newline"*) by_hand="$by_hand\${newline}a file in $directory has a tab or a line break in its name: rename it" ;; esac
    done
  done
}

# look_at_tuned: what it would set, did it not apply the files of /etc and /run afterwards, needs a line in one of those.
look_at_tuned() {
  running "$2" || return 0
  found=$(winner procps "$2")
  case \${found#*"$tab"} in /etc/* | /run/*) ;; *) needed=yes ;; esac
}

# choose_name: of our own file: it is to stand behind every file that sets a key otherwise and is not under /etc.
choose_name() {
  printf '%s\\n%s\\n' "$procps_rows" "$systemd_rows" | awk_about '
    BEGIN { name = usual }
    $1 == 1 && $3 !~ /^\\/etc\\// && ($6 == "-" || $6 == "=" && $7 "" != to[$5]) && $2 "" >= name "" { name = $2 "-" usual }
    END { print name }' -v usual="zz-synaudit-$plan.conf"
}

# winning_over ENGINE: of rows, the lines under /etc that would win over our own file, or that a \`sysctl -p\` would apply.
winning_over() {
  awk_about '
    $1 == 1 && $2 "" <= ENVIRON["drop_in"] "" { next }
    $6 == "=" && $7 "" == to[$5] { good[$1, $5] = NR }
    $6 == "=" && $7 "" != to[$5] || $6 == "-" && engine == "systemd" { bad[NR] = $1 SUBSEP $5; at[NR] = $4 "\\t" $3 }
    END {
      for (row in bad) if (row + 0 > good[bad[row]] + 0) {
        split(at[row], place, "\\t")
        if (place[2] ~ /^\\/etc\\//) print "edit\\t#\\t" at[row]
        else print "hand\\t" place[2] ":" place[1] " wins over all files of /etc/sysctl.d, and is not under /etc: change that line by hand"
      }
    }' -v engine="$1"
}

# files_to_edit: each file of $edits once.
files_to_edit() { printf '%s\\n' "$edits" | cut -f 3 | sort -u | sed '/^$/d'; }

# unsafe FILE: why its lines cannot be edited; false if they can.
unsafe() {
  if [ "$(tr -cd '\\000' <"$1" | wc -c)" -ne 0 ]; then why="holds NUL bytes"
  elif [ "$(edited "$1" | unedited | cksum)" != "$(unedited <"$1" | cksum)" ] ||
    [ "$(edited "$1" | tail -c 1 | wc -l)" != "$(tail -c 1 "$1" | wc -l)" ]; then
    why="cannot be edited and taken back byte by byte here"
  elif printf '%s\\n' "$edits" | file=$1 awk -F '\\t' '$3 "" == ENVIRON["file"] "" { print $2 }' | {
    while read -r line; do sed -n "\${line}p" "$1"; done
  } | awk '/\\r./ || length($0) > 1900 { bad = 1 } END { exit !bad }'; then
    why="has a line with a carriage return inside, or a very long one"
  else return 1; fi
}

# may_write FILE: whether it can be replaced where it is.
may_write() {
  [ ! -e "$1" ] || [ -w "$1" ] || return 1
  [ -w "\${1%/*}" ]
}

# check_places: problems with what would be written, found before anything is.
check_places() {
  problems=
  [ -z "$by_hand" ] || while read -r sentence; do [ -z "$sentence" ] || problem "$sentence."; done <<END
$by_hand
END
  while IFS= read -r file; do
    [ -n "$file" ] || continue
    may_write "$file" || problem "$file cannot be written."
    ! unsafe "$file" || problem "$file $why: edit it by hand."
  done <<END
$(files_to_edit)
END
  if [ -n "$needed" ]; then
    { [ -d "\${own_file%/*}" ] && may_write "$own_file"; } || { [ ! -e "\${own_file%/*}" ] && [ -w /etc ]; } ||
      problem "$own_file cannot be written."
  fi
  each_change check_value
  place=$home
  until [ -e "$place" ]; do place=\${place%/*}; done
  [ -w "$place" ] || problem "$home cannot be written."
  [ -z "$problems" ]
}
check_value() {
  running "$2" || return 0
  [ "$tight" = "$4" ] || [ -w "$2" ] || problem "$2 cannot be written."
}`.trim();
