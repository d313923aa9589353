import type { RunEvent, RunInfo } from '../model/run.ts';
import { grouped } from '../text/share.ts';
import { type Blocks, headlineRule } from './blocks.ts';
import { counted } from './page.ts';

/** A run, folded. One that did not end has fewer results than hosts. */
export interface Finished {
  readonly run: Pick<RunInfo, 'hostCount'>;
  readonly blocks: Blocks;
  readonly end: Extract<RunEvent, { type: 'end' }>;
}

/** The run in one or two sentences: how many hosts lose connections, and whether recycle is why. */
export function conclusion({ run, blocks, end }: Finished): string {
  const { audited = 0, partial = 0 } = end.summary.hosts;
  const seen = audited + partial;
  const { recycle, other } = droppingHosts(blocks);
  if (recycle.size > 0) {
    const verb = recycle.size === 1 ? 'loses or will lose' : 'lose or will lose';
    const more =
      other.size === 0
        ? ''
        : ` ${counted(other.size, 'host')} ${other.size === 1 ? 'drops' : 'drop'} SYNs for another reason.`;
    return `${counted(recycle.size, 'host')} ${verb} connections: tcp_tw_recycle drops SYNs of clients without an answer.${more}`;
  }
  if (other.size > 0)
    return `${counted(other.size, 'host')} ${other.size === 1 ? 'leaves' : 'leave'} SYNs without an answer; tcp_tw_recycle is not why.`;
  if (seen === 0) return 'No host was audited: nothing is known of their SYNs.';
  const nothing = blocks.waived.size === 0 ? 'Nothing found' : 'Nothing found that is not waived';
  const found = blocks.findings.size === 0 ? nothing : 'No host is known to drop SYNs';
  const rest = seen < run.hostCount ? `; nothing is known of the other ${grouped(run.hostCount - seen)}` : '';
  return `${found} on ${counted(seen, 'audited host')}${rest}.`;
}

/** What is said of a run that was cut. */
export const cutShort = (without: number, hosts: number): string =>
  `The run did not end: ${grouped(without)} of its ${counted(hosts, 'host')} ${without === 1 ? 'has' : 'have'} no result.`;

/** Hosts that lose connections to recycle, and others whose counters of something else rise. */
function droppingHosts({ findings }: Blocks): { readonly recycle: Set<string>; readonly other: Set<string> } {
  const recycle = new Set<string>();
  const other = new Set<string>();
  for (const { finding, hosts } of findings.values()) {
    const isRecycle = finding.rule === headlineRule && finding.severity === 'critical';
    const isOther = finding.state === 'active' && finding.severity === 'high';
    if (isRecycle || isOther) for (const host of hosts) (isRecycle ? recycle : other).add(host);
  }
  for (const host of recycle) other.delete(host);
  return { recycle, other };
}
