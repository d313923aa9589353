import { type Paint, type Style, stripControls } from '../text/ansi.ts';
import { foldHosts } from '../text/host-set.ts';
import { grouped } from '../text/share.ts';
import { alignRight, displayWidth, wrapColumns } from '../text/table.ts';

/** The paper that a table is printed on. */
export interface Paper {
  readonly width: number;
  readonly paint: Paint;
  /** Name every host of a block, however many lines that takes. */
  readonly verbose: boolean;
}

/** One block of a table: what, how many hosts and which; below it sentences. Colour only repeats what the label says. */
export interface Block {
  readonly label: string;
  readonly tint: Style;
  /** Which rule and state: `tw-recycle · firing`. */
  readonly subject?: string;
  /** Names; or only a number, of hosts with nothing to be named for. */
  readonly hosts: readonly string[] | number;
  readonly says: readonly string[];
}

/** Where sentences begin: labels are at most this wide, `hostkey-rejected` is not and has no subject beside it. */
const margin = 12;
/** Where the number of hosts ends, so that numbers stand below each other. */
const countEnd = 50;
/** Lines that the names of one block may take, unless all are asked for. */
const nameLines = 3;

/** Text over the full width. What came from hosts or files is stripped of control characters here and in `blockLines`. */
export const textLines = (text: string, { width }: Paper): string[] => wrapColumns(stripControls(text), width);

/** Head line, names, sentences. Names stand on the head line if they fit. */
export function blockLines({ label, tint, subject = '', hosts, says }: Block, paper: Paper): string[] {
  const names = typeof hosts === 'number' ? [] : nameLinesOf(hosts, paper);
  const count = counted(typeof hosts === 'number' ? hosts : hosts.length, 'host');
  const head = headLine({ label, tint, subject, count }, paper);
  const [first = ''] = names;
  const fits = names.length === 1 && countEnd + 2 + displayWidth(first) <= paper.width;
  const below = [
    ...(fits ? [] : names),
    ...says.flatMap(text => wrapColumns(stripControls(text), paper.width - margin)),
  ];
  return [fits ? `${head}  ${first}` : head, ...below.map(line => ' '.repeat(margin) + line)];
}

interface Head extends Pick<Block, 'label' | 'tint'> {
  readonly subject: string;
  readonly count: string;
}

function headLine({ label, tint, subject, count }: Head, { paint }: Pick<Paper, 'paint'>): string {
  const gap = ' '.repeat(Math.max(1, margin - displayWidth(label)));
  const about = stripControls(subject);
  const left = displayWidth(label + gap + about);
  return `${paint(tint, label)}${gap}${paint('bold', about)}${alignRight(count, Math.max(count.length + 2, countEnd - left))}`;
}

function nameLinesOf(hosts: readonly string[], { width, verbose }: Paper): string[] {
  const lines = wrapColumns(stripControls(foldHosts(hosts)), width - margin);
  if (verbose || lines.length <= nameLines) return lines;
  return [...lines.slice(0, nameLines), `… all ${hosts.length} names: -v`];
}

/** `1 host`, `2,000 hosts`. */
export const counted = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
