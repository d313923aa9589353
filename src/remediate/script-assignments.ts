/**
 * The one reader of sysctl files on the host: an awk program that lists what they say about the keys of a plan. As
 * `assignments` of snapshot/boot-lines.ts. Source: sysctl.d(5), sysctl.conf(5).
 */
export const bootAssignments = `
# awk_about PROGRAM OPTION...: awk that knows the keys of the plan: to[PATH] is the value wanted, path_of() reads a written key.
awk_about() {
  program=$1
  shift
  awk -F '\\t' "$@" '
    # "net.ipv4.conf.eth0/1.x" and "net/ipv4/conf/eth0.1/x" are one path: the first separator tells
    function path_of(key) {
      if (match(key, /[\\/.]/) && substr(key, RSTART, 1) == ".") {
        gsub(/\\//, "\\001", key); gsub(/[.]/, "/", key); gsub("\\001", ".", key)
      }
      gsub(/\\/\\/+/, "/", key)
      sub(/^\\//, "", key)
      return key
    }
    BEGIN {
      count = split(ENVIRON["wanted"], list, "\\n")
      for (i = 1; i <= count; i++) if (split(list[i], pair, "\\t")) to[pair[1]] = pair[2] ""
    }
    '"$program"
}

# assignments BLANKS DASHES BEHIND CR: reads names of files (place, name, file) and prints, in order, each line that is
# about a key of the plan: place, name, file, line, path below /proc/sys, kind, value, pattern. Kinds: \`=\` key = value, \`-\` the
# exclusion -key, \`*\` and \`!\` the same by a pattern. BLANKS are stripped, DASHES is how many leading ones are a mark, BEHIND
# whether blanks behind it are stripped, CR whether a carriage return ends a line.
assignments() {
  awk_about '
    function strip_end(text) { sub("[" blanks "]+$", "", text); return text }
    function strip(text) { sub("^[" blanks "]+", "", text); return strip_end(text) }

    # glob(7) as a regular expression: no character matches a slash
    function expression(glob,    out, i, c, close_at, set) {
      out = "^"
      for (i = 1; i <= length(glob); i++) {
        c = substr(glob, i, 1)
        if (c == "*") { while (substr(glob, i + 1, 1) == "*") i++; out = out "[^/]*" }
        else if (c == "?") out = out "[^/]"
        else if (c == "[" && (close_at = index(substr(glob, i + 2), "]"))) {
          set = substr(glob, i + 1, close_at)
          if (substr(set, 1, 1) == "!") set = "^" substr(set, 2)
          gsub(/[\\\\\\[]/, "", set)
          out = out "[" set "]"
          i += close_at + 1
        }
        else if (c == "\\\\") { i++; out = out literal(substr(glob, i, 1)) }
        else out = out literal(c)
      }
      return out "$"
    }
    function literal(c) { return c ~ /[A-Za-z0-9_\\/-]/ ? c : c == "^" || c == "\\\\" ? "\\\\" c : "[" c "]" }

    # one line, as the engine understands it
    function read_line(text, number,    mark, at, key, path, kind, value, known) {
      text = strip(text)
      if (text == "" || text ~ /^[#;]/) return
      mark = dashes > 0 && substr(text, 1, 1) == "-"
      at = index(text, "=")
      if (!at && !mark) return
      key = at ? substr(text, 1, at - 1) : text
      key = substr(key, 1 + mark + (dashes > 1 && substr(text, 1, 2) == "--"))
      path = path_of(behind ? strip(key) : strip_end(key))
      value = at ? strip(substr(text, at + 1)) : ""
      gsub(/[ \\t]+/, " ", value)
      gsub(/[^ -~]/, "?", value)
      if (path ~ /[*?\\[]/) {
        if (!globs || length(path) > 200) return
        kind = at ? "*" : "!"
        for (known in to) if (known ~ expression(path)) print $0, number, known, kind, substr(value, 1, 200), path
      } else if (path in to) {
        kind = at ? "=" : "-"
        print $0, number, path, kind, substr(value, 1, 200), ""
      }
    }

    BEGIN {
      OFS = FS
      for (path in to) {
        leaf = path
        sub(/^.*\\//, "", leaf)
        leaves[leaf]
      }
    }
    {
      number = 0
      while ((getline line < $3) > 0) {
        number++
        about = line ~ /[*?\\[]/
        for (leaf in leaves) if (index(line, leaf)) about = 1
        if (!about) continue
        count = cr ? split(line, pieces, "\\r") : 1
        if (count < 2) read_line(line, number)
        else for (i = 1; i <= count; i++) read_line(pieces[i], number)
      }
      close($3)
    }' -v blanks="$1" -v dashes="$2" -v behind="$3" -v cr="$4" -v globs="$globs"
}`.trim();
