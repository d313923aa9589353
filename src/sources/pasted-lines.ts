import { stripControls } from '../text/ansi.ts';

/** A text that a person saved or pasted, and what to call it in messages. */
export interface PastedText {
  /** Its file name, or its path below the directory that was named. */
  readonly name: string;
  readonly text: string;
  /** Path on the host, where the place says which file this is: `proc/net/netstat`. Left out: its content decides. */
  readonly path?: string;
}

/** No-break spaces and their kin, as web pages and chat programs put them in. */
const oddSpaces = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;

/** `> ` of mail, `| ` and `│` of tables and chat, at the beginning of a line. */
const quoteMarks = /^(?:[ ]*[>|│┃](?=[ ]|$))+[ ]?/;
const bars = '|│┃';

/** Longer lines are cut: the longest that is read, the names of TcpExt, has 3,000 characters. */
const longestLine = 8_192;

/**
 * The lines of a pasted text without what pasting adds: CR, escape sequences, no-break spaces, quoting, tags, a number or a
 * host's name before each line. Indentation stays. Tabs are one space.
 */
export function pastedLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\n|\r/).map(unquoted);
  const bare = withoutNumbers(lines) ?? lines;
  return withoutName(bare) ?? bare;
}

const tag = /<\/?[a-z][^<>]{0,80}>/gi;

function unquoted(raw: string): string {
  const short = raw.length > longestLine ? raw.slice(0, 10 * longestLine).replace(/[ \t]{2,}/g, ' ') : raw;
  const line = stripControls(short.slice(0, longestLine)).replace(oddSpaces, ' ').replace(tag, ' ').trimEnd();
  const marks = quoteMarks.exec(line)?.[0];
  if (marks === undefined) return line;
  const end = bars.includes(line.at(-1) ?? ' ') ? line.length - 1 : line.length;
  return line.slice(marks.length, end).trimEnd();
}

/** What `pdsh` and `grep` of several files put before each line; names of counter groups stand there on their own account. */
const namePrefix = /^(?!(?:Tcp|Udp|Ip|Icmp|MPTcp|sockets|TCP|UDP|RAW|FRAG)\w*:)([\w.@/-]+): ?/;

/** Lines without the one name that stands before each of them; null where there is none, or several. */
function withoutName(lines: readonly string[]): readonly string[] | null {
  const told = lines.filter(line => line.trim() !== '');
  const prefix = namePrefix.exec(told[0] ?? '')?.[1];
  if (prefix === undefined || told.length < 2 || !told.every(line => line.startsWith(`${prefix}:`))) return null;
  return lines.map(line => (line.trim() === '' ? '' : line.slice(prefix.length + 1)));
}

/** Fewer numbered lines than this may be counters that happen to follow each other. */
const fewestNumbered = 3;

/** Lines without their numbers (`cat -n`, `grep -n ''`, a listing in a document); null where they are not numbered. */
function withoutNumbers(lines: readonly string[]): readonly string[] | null {
  let first: number | undefined;
  let numbered = 0;
  const bare: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') {
      bare.push('');
      continue;
    }
    const match = /^[ ]*(\d{1,6})(?:[:.)\]|][ ]?|[ ]|$)/.exec(line);
    if (match?.[1] === undefined) return null;
    first ??= Number(match[1]) - index;
    if (Number(match[1]) !== first + index) return null;
    numbered += 1;
    bare.push(line.slice(match[0].length));
  }
  return numbered >= fewestNumbered ? bare : null;
}

/** Programs whose output is read here, and those that people put before or behind them. */
const programs = 'sudo|watch|netstat|nstat|ss|ip|sysctl|cat|grep|egrep|uname|uptime|echo';
const behindPrompt = new RegExp(`^[^=]{0,80}?[$#%>❯][ ]?((?:${programs}|date|while|for|head|tail|ssh|hostname)\\b.*)$`);
const bareCommand = new RegExp(`^[ ]*((?:${programs})[ ].*)$`);

/** The command of a line that holds a prompt and a command, or a command alone: `# netstat -s | grep -i listen`. */
export const commandOf = (line: string): string | undefined => (behindPrompt.exec(line) ?? bareCommand.exec(line))?.[1];

/** A line that stands for others that were cut out: `...`, `[snip]`, `(…)`. */
export const isEllipsis = (line: string): boolean =>
  /^[ ]*[[(<]?[ ]*(?:\.{2,}|…+|snip(?:ped)?|cut|omitted|省略)[ ]*\.*[\])>]?[ ]*$/i.test(line);
