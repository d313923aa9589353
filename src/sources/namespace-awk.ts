/** Interfaces of a namespace whose rp_filter is read. */
const maxInterfaces = 64;
/** Lines sent of one file at most. */
const maxLines = 4096;

/**
 * What stands before the socket program (sockets-awk.ts) inside a network namespace: prints the files that are named first,
 * and rp_filter of the interfaces there. `getline` from a file that is not there fails quietly, in every awk; a file among
 * the arguments would end the program. Prints, before the records of the sockets:
 *
 *     F path:line                        as grep prints it
 */
export const insideAwk = `
function tell(file,  line, told) {
  while (told++ < ${maxLines} && (getline line < file) > 0) print "F", file ":" line
  close(file)
}
BEGIN {
  for (i = 1; i < ARGC && ARGV[i] !~ /=/; i++) { tell(ARGV[i]); ARGV[i] = "" }
  while ((getline line < "proc/self/net/dev") > 0 && interfaces < ${maxInterfaces}) {
    if (!(at = index(line, ":"))) continue
    name = substr(line, 1, at - 1)
    sub(/^ +/, "", name)
    interfaces++
    tell("proc/sys/net/ipv4/conf/" name "/rp_filter")
  }
}
`.trimStart();
