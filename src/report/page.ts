import type { Severity } from '../model/rule.ts';
import { type Paint, type Style, stripControls } from '../text/ansi.ts';
import { foldHosts } from '../text/host-set.ts';
import { alignRight, displayWidth, padColumns, wrapColumns } from '../text/table.ts';
import type { FailureBlock, FindingBlock } from './blocks.ts';

/** One block of a table: a label in the margin, how many hosts and which, sentences below. */
interface Block {
  readonly label: string;
  readonly tint: Style;
  /** Stands before the number of hosts: `tw-recycle · firing`. */
  readonly subject?: string;
  readonly hosts: readonly string[];
  readonly says: readonly string[];
}

interface Row {
  readonly label: string;
  readonly tint: Style;
  readonly count: string;
  readonly rest: string;
}

/** The text of a table as it grows. All that came from hosts or files is stripped of control characters here, in one place. */
export interface Page {
  line(text: string): void;
  /** An empty line, never two in a row. */
  gap(): void;
  row(row: Row): void;
  block(block: Block): void;
  finding(block: FindingBlock): void;
  failure(block: FailureBlock): void;
  text(): string;
}

interface PageOptions {
  readonly width: number;
  readonly paint: Paint;
  readonly verbose: boolean;
}

const tints: Readonly<Record<Severity, Style>> = { critical: 'red', high: 'magenta', medium: 'yellow', low: 'cyan', info: 'dim' };

/** Width of the margin: the longest label is `hostkey-rejected`; severities and most outcomes are shorter and leave it at 12. */
const margin = 12;
/** Lines that the names of one block may take, unless all are asked for. */
const nameLines = 3;
/** Hosts of one block that are named in the sentence where each says something else. */
const countColumns = 11;

export function createPage({ width, paint, verbose }: PageOptions): Page {
  const out: string[] = [];
  const indent = ' '.repeat(margin);
  const say = (text: string) => {
    for (const line of wrapColumns(stripControls(text), width - margin)) out.push(indent + line);
  };
  const label = (text: string, tint: Style) => paint(tint, text) + ' '.repeat(Math.max(1, margin - displayWidth(text)));
  const names = (hosts: readonly string[]) => {
    const lines = wrapColumns(stripControls(foldHosts(hosts)), width - margin);
    if (verbose || lines.length <= nameLines) return lines;
    return [...lines.slice(0, nameLines), `… all ${hosts.length} names: -v`];
  };
  const page: Page = {
    line(text) {
      out.push(...wrapColumns(stripControls(text), width));
    },
    gap() {
      if (out.at(-1) !== '') out.push('');
    },
    row({ label: name, tint, count, rest }) {
      const [first = '', ...more] = wrapColumns(stripControls(rest), width - margin - countColumns - 2);
      out.push(`${label(name, tint)}${padColumns(count, countColumns)}  ${first}`.trimEnd());
      for (const line of more) out.push(indent + ' '.repeat(countColumns + 2) + line);
    },
    block({ label: name, tint, subject, hosts, says }) {
      const head = subject === undefined ? '' : `${stripControls(subject)}  `;
      const count = `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
      const lines = names(hosts);
      const start = `${head}${subject === undefined ? count : alignRight(count, Math.max(0, 40 - displayWidth(head)))}`;
      const fits = lines.length === 1 && margin + displayWidth(`${start}  ${lines[0]}`) <= width;
      out.push(label(name, tint) + paint('bold', start) + (fits ? `  ${lines[0]}` : ''));
      if (!fits) for (const line of lines) out.push(indent + line);
      for (const text of says) say(text);
    },
    finding(block) {
      page.block(findingBlock(block));
    },
    failure(block) {
      page.block(failureBlock(block));
    },
    text: () => `${out.join('\n')}\n`,
  };
  return page;
}

function findingBlock({ finding, hosts, worstHost, setBy }: FindingBlock): Block {
  const { rule, state, severity, because, confidence, remedy, waived } = finding;
  const says = [hosts.length === 1 ? because : `${worstHost}, the worst: ${because}`];
  if (setBy.size > 0) says.push(`Set at boot by ${places(setBy, hosts.length)}.`);
  if (waived !== null) {
    const owner = waived.owner === undefined ? '' : ` (${waived.owner})`;
    says.push(`Waived until ${waived.expires}${owner}: ${waived.reason}`);
  } else if (remedy !== null) says.push(`Fix: ${remedy.summary} Risk: ${remedy.risk}`);
  if (confidence === 'low') says.push('Confidence: low.');
  return {
    label: waived === null ? severity.toUpperCase() : 'waived',
    tint: waived === null ? tints[severity] : 'dim',
    subject: state === null ? rule : `${rule} · ${state}`,
    hosts,
    says,
  };
}

/** `/etc/sysctl.d/30-tuning.conf:4 (12 hosts), /etc/sysctl.conf:17 (2)`; most frequent first. */
function places(setBy: ReadonlyMap<string, number>, hosts: number): string {
  const sorted = [...setBy].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, 3).map(([place, n]) => (hosts === 1 ? place : `${place} (${n} of ${hosts})`));
  if (sorted.length > 3) shown.push(`${sorted.length - 3} other places`);
  return shown.join(', ');
}

function failureBlock({ outcome, error, hosts, varies }: FailureBlock): Block {
  const through = error.hop === undefined ? '' : ` (jump host ${error.hop})`;
  const example = varies ? `${hosts[0]}: ` : '';
  return {
    label: '',
    tint: 'dim',
    subject: outcome,
    hosts,
    says: [`${example}${error.message}${through}`, `hint: ${error.hint}`],
  };
}
