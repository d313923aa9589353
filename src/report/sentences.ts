import type { Remedy, Severity } from '../model/rule.ts';
import type { Style } from '../text/ansi.ts';
import { grouped } from '../text/share.ts';
import type { FailureBlock, FindingBlock } from './blocks.ts';
import type { Block } from './page.ts';

export const tints: Readonly<Record<Severity, Style>> = {
  critical: 'red',
  high: 'magenta',
  medium: 'yellow',
  low: 'cyan',
  info: 'dim',
};

/** Blocks of findings in the order given. A fix that several call for is written out once. */
export function findingBlocks(blocks: readonly FindingBlock[]): Block[] {
  const told = new Set<string>();
  return blocks.map(block => findingBlock(block, told));
}

/** What a table says of equal findings: why, who sets it at boot, what to do and what that risks. */
function findingBlock({ finding, owner, hosts, worstHost, setBy, varies }: FindingBlock, told: Set<string>): Block {
  const { rule, state, severity, because, confidence, remedy, waived } = finding;
  const says = [varies ? `${worstHost}, the worst: ${because}` : because];
  if (setBy.size > 0) says.push(`Set at boot by ${places(setBy, hosts.length)}.`);
  if (confidence === 'low') says.push('Confidence is low.');
  if (waived !== null) {
    const owner = waived.owner === undefined ? '' : ` (${waived.owner})`;
    says.push(`Waived until ${waived.expires}${owner}: ${waived.reason}`);
  } else if (remedy !== null) says.push(...fix(remedy, told));
  return {
    label: waived === null ? severity.toUpperCase() : 'waived',
    tint: waived === null ? tints[severity] : 'dim',
    subject: `${rule}${state === null ? '' : ` · ${state}`}${owner === null ? '' : ` in ${owner}`}`,
    hosts,
    says,
  };
}

function fix({ summary, risk }: Remedy, told: Set<string>): string[] {
  const whole = `${summary}\n${risk}`;
  if (told.has(whole)) return ['Fix: as above.'];
  told.add(whole);
  return risk === '' ? [`Fix: ${summary}`] : [`Fix: ${summary}`, `Risk: ${risk}`];
}

/** Places named in one sentence; a fleet may have as many as hosts. */
const placesShown = 3;

/** `/etc/sysctl.d/30-tuning.conf:4 (12 of 14 hosts), /etc/sysctl.conf:17 (2)`; most frequent first. */
export function places(setBy: ReadonlyMap<string, number>, hosts: number): string {
  const sorted = [...setBy].sort((a, b) => b[1] - a[1]);
  const [only] = sorted;
  if (only !== undefined && sorted.length === 1 && only[1] === hosts) return only[0];
  const shown = sorted
    .slice(0, placesShown)
    .map(([place, n], i) => `${place} (${grouped(n)}${i === 0 ? ` of ${grouped(hosts)} hosts` : ''})`);
  if (sorted.length > placesShown) shown.push(`${grouped(sorted.length - placesShown)} other places`);
  return shown.join(', ');
}

/** What a table says of hosts that were not audited for the same reason. */
export function failureBlock({ outcome, error, hosts, varies }: FailureBlock): Block {
  const through = error.hop === undefined ? '' : ` (jump host ${error.hop})`;
  const example = varies ? `${hosts[0]}: ` : '';
  return {
    label: `  ${outcome}`,
    tint: 'yellow',
    hosts,
    says: [`${example}${error.message}${through}`, `hint: ${error.hint}`],
  };
}
