/**
 * What writes keys after the sysctl files: ufw, rc.local, tuned. Only what can be edited safely under /etc is edited.
 */
export const laterWriters = `
# later_writers: prints what writes keys of the plan after the sysctl files, and differently: lines to be made a comment
# (\`edit\`, how, line, file), or a sentence of what is to be done by hand (\`hand\`).
later_writers() {
  {
    ufw_file
    local_scripts | awk -F '\\t' '$1 == "load"'
  } | while IFS=$tab read -r _ file; do
    case $file in /etc/sysctl.conf) continue ;; esac
    place 3 "$file"
  done | rows load | not_wanted
  local_scripts | awk -F '\\t' '$1 != "load"'
  tuned
}

# not_wanted: of rows, those that do not give the value wanted, and are not made good by a later line of the same file.
not_wanted() {
  awk_about '
    $6 == "=" && $7 "" == to[$5] { gone[$3, $5] = NR; next }
    $6 == "=" { rows[NR] = $0; of[NR] = $3 SUBSEP $5 }
    $6 == "*" && $7 "" != to[$5] { print "hand\\t" $3 ":" $4 " sets " $5 " by a pattern: change that line by hand" }
    END {
      for (row = 1; row <= NR; row++) if (row in rows && row > gone[of[row]]) {
        split(rows[row], column, "\\t")
        if (column[3] ~ /^\\/etc\\//) print "edit\\t#\\t" column[4] "\\t" column[3]
        else print "hand\\t" column[3] ":" column[4] " sets " column[5] " to " column[7] " after the sysctl files: change that line by hand"
      }
    }'
}

# ufw_file: the file that ufw applies with \`sysctl -p\` when it starts. Source: ufw_start() in ufw-init-functions.
ufw_file() {
  case $(sed -n 's/^ENABLED=//p' /etc/ufw/ufw.conf 2>/dev/null | tail -n 1) in *yes* | *YES*) ;; *) return ;; esac
  file=$(sed -n "s/^[ $tab]*IPT_SYSCTL=//p" /etc/default/ufw 2>/dev/null | tail -n 1 | tr -d "\\"'" | sed 's/[# ].*//')
  case $file in /*) printf 'load\\t%s\\n' "$file" ;; esac
}

# local_scripts: lines of rc.local that write keys of the plan. Only a line that is nothing but one plain command is edited.
local_scripts() {
  seen=
  for script in /etc/rc.d/rc.local /etc/rc.local; do
    if [ ! -f "$script" ] || [ ! -x "$script" ]; then continue; fi
    file=$(readlink -f "$script")
    [ "$file" != "$seen" ] || continue
    seen=$file
    awk_about '
      BEGIN { file = ENVIRON["file"] }
      function hand(path) {
        print "hand\\t" file ":" NR " may set " path " at the end of the boot: change that line by hand"
      }
      function plain(path, value) {
        if (value == to[path]) return
        if (joined || here_document || file !~ /^\\/etc\\//) hand(path)
        else print "edit\\t:\\t" NR "\\t" file
      }
      /<<[^<]/ { here_document = 1 }
      /^exit([ \\t;]|$)/ { exit }
      !/^[ \\t]*(:[ \\t]+)?#/ {
        text = $0
        sub(/^[ \\t]+/, "", text); sub(/[ \\t\\r]+$/, "", text)
        command = text
        sub(/^(\\/usr)?\\/s?bin\\//, "", command)
        sub(/[ \\t]*[12&]?>[ \\t]*\\/dev\\/null([ \\t]*2>&1)?$/, "", command)
        if (command ~ /^sysctl([ \\t]+-[eq]+)*[ \\t]+(-p|--load)[ \\t=]*\\/[^ \\t;&|<>$\`*?]+$/) {
          sub(/^.*[ \\t=]\\//, "/", command); sub(/^[^\\/]*-p/, "", command)
          print "load\\t" command
        }
        for (path in to) {
          leaf = path; sub(/^.*\\//, "", leaf)
          if (!index(text, leaf)) continue
          dotted = path; gsub(/\\//, "\\001", dotted); gsub(/[.]/, "/", dotted); gsub("\\001", ".", dotted)
          words = command
          gsub("[\\"" quote "]", "", words)
          sub(/[ \\t]*=[ \\t]*/, "=", words)
          if (command ~ /[;&|<$\`\\\\#]/ || words !~ /^[ -~\\t]*$/) { if (text ~ /[=>]|tee/) hand(path); continue }
          if (words ~ /^sysctl([ \\t]+-[a-z]+)*[ \\t]+[^ \\t=]+=[^=>]*$/ && words !~ /[ \\t]-[a-z]*[p]/) {
            key = words; value = words
            sub(/=.*/, "", key); sub(/^.*[ \\t]/, "", key); sub(/^[^=]*=/, "", value)
            if (key == dotted || key == path) plain(path, value)
            else if (index(value, leaf)) hand(path)
          } else if (words ~ /^echo[ \\t]+(-n[ \\t]+)?[^>]*>[ \\t]*\\/proc\\/sys\\/[^ \\t>]+$/) {
            key = words; value = words
            sub(/^.*\\/proc\\/sys\\/+/, "", key)
            sub(/^echo[ \\t]+(-n[ \\t]+)?/, "", value); sub(/[ \\t]*>.*/, "", value)
            if (key == path) plain(path, value)
          } else if (text ~ /[=>]|tee/) hand(path)
        }
      }
      { joined = /\\\\$/ }' -v quote="'" <"$file"
  done
}

# tuned: lines of its active profiles, where it does not apply the sysctl files once more afterwards. A profile comes after
# those that it includes; the last line counts. Source: tuned/plugins/plugin_sysctl.py, tuned/profiles/loader.py.
tuned() {
  [ -f /etc/tuned/active_profile ] || return
  wants=/etc/systemd/system/multi-user.target.wants
  [ ! -d $wants ] || [ -L $wants/tuned.service ] || [ -e $wants/tuned.service ] || return
  tuned_loaded=$newline tuned_order=
  for profile in $(cat /etc/tuned/active_profile /etc/tuned/post_loaded_profile 2>/dev/null | tr -c 'A-Za-z0-9_.-' ' '); do
    tuned_load "$profile"
  done
  tuned_lines=$(tuned_lines)
  # then it sets the keys only where no file of /etc or /run does
  if [ -n "$tuned_lines" ] && tuned_reapplies; then echo reapplied; else printf '%s\\n' "$tuned_lines"; fi
}

# tuned_lines: of the profiles in $tuned_order, the lines that decide otherwise.
tuned_lines() {
  printf '%s' "$tuned_order" | awk_about '
    {
      file = $0; number = 0; section = ""; found = 0
      while ((getline line < file) > 0) {
        number++
        if (line ~ /^[ \\t]*([#;]|$)/) continue
        # an indented line goes on with the value above it
        if (found && line ~ /^[ \\t]/) unsafe[total] = 1
        found = 0
        if (line ~ /^\\[/) { section = line; continue }
        at = index(line, "=")
        if (!at || section ~ /^\\[(main|variables)\\]/) continue
        key = substr(line, 1, at - 1); gsub(/[ \\t]/, "", key)
        path = path_of(key)
        if (!(path in to)) continue
        value = substr(line, at + 1)
        sub(/[ \\t]#.*/, "", value); gsub(/^[ \\t"]+|[ \\t"\\r]+$/, "", value); gsub(/[ \\t]+/, " ", value)
        total++
        found = 1
        files[total] = file; numbers[total] = number; paths[total] = path; right[total] = value "" == to[path]
      }
      close(file)
    }
    END {
      for (i = total; i > 0; i--) {
        if (paths[i] in decided) continue
        if (right[i]) { decided[paths[i]]; continue }
        if (files[i] ~ /^\\/etc\\// && !unsafe[i]) { print "edit\\t#\\t" numbers[i] "\\t" files[i]; continue }
        decided[paths[i]]
        print "hand\\ttuned sets " paths[i] " by " files[i] ":" numbers[i] " after the sysctl files: set reapply_sysctl = 1 in /etc/tuned/tuned-main.conf, or override it in a profile of your own"
      }
    }'
}

# tuned_option NAME: its value in tuned-main.conf(5).
tuned_option() {
  sed -n "s/^[ $tab]*$1[ $tab]*=//p" /etc/tuned/tuned-main.conf 2>/dev/null | tail -n 1 | sed 's/[ 	]#.*//' | tr -d "$tab\\r "
}

tuned_reapplies() {
  [ -z "$(tuned_option reapply_sysctl_exclude)" ] || return 1
  case $(tuned_option reapply_sysctl) in 0 | [Nn][Oo] | [Ff][Aa][Ll][Ss][Ee] | [Oo][Ff][Ff]) return 1 ;; esac
}

# tuned_load PROFILE: appends its file to $tuned_order, behind those of the profiles that it includes.
tuned_load() {
  case $1 in '' | . | ..) return ;; esac
  for directory in /etc/tuned/profiles /etc/tuned /usr/lib/tuned/profiles /usr/lib/tuned; do
    [ -f "$directory/\${1#-}/tuned.conf" ] || continue
    file=$(readlink -f "$directory/\${1#-}/tuned.conf")
    case $tuned_loaded in *"$newline$file$newline"*) continue ;; esac
    tuned_loaded=$tuned_loaded$file$newline
    set -- "$file"
    for profile in $(sed -n "/^\\[main\\]/,/^\\[/s/^[ $tab]*include[ $tab]*=//p" "$file" | tr -c 'A-Za-z0-9_.-' ' '); do
      tuned_load "$profile"
    done
    tuned_order=$tuned_order$1$newline
    return
  done
}`.trim();
