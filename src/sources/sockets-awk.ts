/** Addresses (and destinations) sent one by one; the rest goes as counts per prefix. DESIGN.md, "Numbers to reach". */
export const maxAddresses = 4000;
/** Listening sockets, `ss` rows and tcp_metrics entries sent at most. */
const maxRows = 4096;

/**
 * The awk program that turns `/proc/net/tcp6` and `/proc/net/tcp` into counts, on the host, in one pass. A row is cut at
 * fixed positions because splitting it into fields costs twice as much; both tables begin with their listening sockets
 * (net/ipv4/tcp_ipv4.c, tcp_seq_start()), so a socket's port is known to be a service when the socket comes.
 * Runs under mawk, gawk 3, busybox awk and the original awk. Prints one record per line:
 *
 *     L hexaddress port rx_queue         listening socket, its accept queue
 *     S recv-q send-q address            the same from `ss -ltn`, with the limit, if a queue ever overflowed
 *     T state count                      all sockets by state
 *     H port requests retransmitted      half-open requests
 *     P hexaddress port state count      peers of listening ports
 *     W hexaddress port count            of these, remote ports below 32768
 *     R hexprefix count                  peers beyond the bound, per /16 or /32
 *     O hexaddress port count timewait   outgoing connections, per destination
 *     I seconds...                       idle times that were asked for, then, of ss -tni:
 *     I address:port count...            outgoing connections that were idle for longer than each
 *     B 1                                big-endian host: addresses are in network order
 *     M address tw_ts                    entry of tcp_metrics; E text: why it failed
 *     X line                             a row that is none
 *
 * Variables: from = "counters" (/proc/net/netstat) or "table" per input; metrics, ss = command or ""; limits = seconds.
 */
export const socketsAwk = `
function remember_metrics(  line, at, word, value, sent) {
  while ((metrics | getline line) > 0) {
    at = index(line, " tw_ts ")
    if (at) {
      split(line, word, " "); split(substr(line, at + 7), value, " ")
      if (sent++ < ${maxRows}) print "M", word[1], value[1]
    } else if (line !~ /^[0-9a-fA-F.:]+ /) { if (!told++) print "E", substr(line, 1, 120) }
  }
}
function read_limits(  line, word, listed) {
  while ((ss | getline line) > 0) {
    split(line, word, " ")
    if (word[1] == "LISTEN" && listed++ < ${maxRows}) print "S", word[2], word[3], word[4]
  }
}
function after(line, name,  at) {
  at = index(line, name)
  return at ? substr(line, at + length(name)) + 0 : 0
}
function read_idle(  line, word, local, far, quiet, sent, n, i, told, text, limit) {
  n = split(limits, limit, " ")
  print "I", limits
  while (("ss -tni state established 2>/dev/null" | getline line) > 0) {
    if (line ~ /^[0-9]/) {
      split(line, word, " "); local = word[3]; far = word[4]
      sub(/.*:/, "", local)
      if (sprintf("%04X", local) in service) far = ""
    }
    if (far == "" || !index(line, " rto:")) continue
    sent = after(line, " lastsnd:"); quiet = after(line, " lastrcv:")
    if (sent < quiet) quiet = sent
    for (i = 1; i <= n; i++) if (quiet > limit[i] * 1000) idle[far " " i]++
    if (quiet > limit[1] * 1000) idler[far]
    far = ""
  }
  for (far in idler) {
    if (told++ >= ${maxRows}) break
    text = far
    for (i = 1; i <= n; i++) text = text " " (idle[far " " i] + 0)
    print "I", text
  }
}
function rank(counts,  key, most, left, size) {
  most = 0; left = ${maxAddresses}; split("", tally)
  for (key in counts) { size = counts[key]; tally[size]++; if (size > most) most = size }
  for (floor = most; floor > 0; floor--) if (floor in tally) { if (tally[floor] > left) break; left -= tally[floor] }
  ties = left
}
function chosen(size) { return size > floor || (size == floor && ties-- > 0) }
function prefix(address) {
  if (length(address) == 32) return substr(address, 1, 8)
  return big ? substr(address, 1, 4) : substr(address, 5, 4)
}
BEGIN {
  if (metrics != "") remember_metrics()
  v4mapped["0000000000000000FFFF0000"]; v4mapped["00000000000000000000FFFF"]
  overflow["ListenOverflows"]; overflow["TCPReqQFullDrop"]; overflow["TCPReqQFullDoCookies"]
}
from == "counters" {
  if ($1 != "TcpExt:") next
  if (!named++) for (i = 2; i <= NF; i++) column[$i] = i
  else for (name in overflow) if (name in column && $column[name] > 0) queued = 1
  next
}
{
  at = index($0, ": ") + 2
  if (substr($0, at + 8, 1) == ":") size = 8
  else if (substr($0, at + 32, 1) == ":") size = 32
  else { if (FNR > 1 && !broken++) print "X", FNR; next }
  port = substr($0, at + size + 1, 4)
  remote = substr($0, at + size + 6, size)
  state = substr($0, at + size + size + 12, 2)
  states[state]++
  if (state == "0A") {
    service[port]
    local = substr($0, at, size)
    if (local == "7F000001" || local == "00000000000000000000000000000001") big = 1
    waits = substr($0, at + size + size + 24, 8)
    if (waits != "00000000") queued = 1
    if (listening++ < ${maxRows}) print "L", local, port, waits
    next
  }
  if (state == "03") {
    requests[port]++
    if (substr($0, at + size + size + 45, 8) != "00000000") retransmitted[port]++
  }
  if (size == 32 && substr(remote, 1, 24) in v4mapped) remote = substr(remote, 25)
  if (port in service) {
    peers[remote " " port " " state]++
    if (substr($0, at + size + size + 7, 1) < "8") low[remote " " port]++
  } else {
    far = remote " " substr($0, at + size + size + 7, 4)
    out[far]++
    if (state == "06") waiting[far]++
  }
}
END {
  if (ss != "" && (queued || !listening)) read_limits()
  if (limits != "") read_idle()
  for (state in states) print "T", state, states[state]
  for (port in requests) print "H", port, requests[port], retransmitted[port] + 0
  if (big) print "B", 1
  for (key in peers) { split(key, word, " "); total[word[1]] += peers[key] }
  rank(total)
  for (address in total) if (chosen(total[address])) sent[address]; else rest[prefix(address)] += total[address]
  for (key in peers) {
    split(key, word, " ")
    if (!(word[1] in sent)) continue
    print "P", key, peers[key]
    if ((word[1] " " word[2]) in low) { print "W", word[1], word[2], low[word[1] " " word[2]]; delete low[word[1] " " word[2]] }
  }
  for (key in rest) print "R", key, rest[key]
  rank(out)
  for (key in out) if (chosen(out[key])) print "O", key, out[key], waiting[key] + 0
}
`.trim();
