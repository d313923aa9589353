/** More than this is not told by name. */
const mostNamed = 2;
/** Unit: characters. */
const longest = 40;

/** Without what stands in brackets: `CentOS Linux 7 (Core)` is `CentOS Linux 7`. */
const plainName = (os: string): string => os.replace(/\s*\(.*$/, '').slice(0, longest);

/** What hosts run, for a label: `CentOS Linux 7`, `CentOS 7+Debian 9`, `3 systems`. Takes PRETTY_NAME of os-release(5). */
export function systemNames(systems: Iterable<string>): string {
  const names = [...new Set([...systems].map(plainName))].sort();
  const [first] = names;
  if (first === undefined) return 'unknown system';
  if (names.length === 1) return first;
  const joined = names.map(name => name.replace(/ (?:GNU\/)?Linux\b/, '')).join('+');
  return names.length <= mostNamed && joined.length <= longest ? joined : `${names.length} systems`;
}
