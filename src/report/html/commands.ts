/** What a shell takes as one plain word, without quotes. */
const plainWord = /^[A-Za-z0-9_./:=,@%+-]+$/;

/** A sysctl key as the kernel names them; interface names may hold more, and are left to people. */
const sysctlKey = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;

/** A value in one line of printable characters. */
const sysctlValue = /^[\x20-\x7e]{1,200}$/;

/**
 * One `sysctl -w` per key, for people to paste into a root shell. What is not a plain key or value makes no command at all:
 * a report may come from anywhere, and nobody reads what they paste.
 */
export function sysctlCommands(set: Readonly<Record<string, string>>): string[] | null {
  const entries = Object.entries(set);
  if (entries.length === 0 || entries.length > 50) return null;
  if (!entries.every(([key, value]) => sysctlKey.test(key) && sysctlValue.test(value))) return null;
  return entries.map(([key, value]) => `sysctl -w ${shellWord(`${key}=${value}`)}`);
}

const shellWord = (text: string): string => (plainWord.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
