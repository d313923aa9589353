import { severities } from '../model/rule.ts';
import type { ClientAnswer, FleetResult, HostResult } from '../model/run.ts';
import type { Style } from '../text/ansi.ts';
import type { Block } from './page.ts';
import { tints } from './sentences.ts';

/** Findings about the fleet, the worst first; those that are waived on all their hosts are left to JSON. */
export const fleetFindingBlocks = ({ findings }: FleetResult): Block[] =>
  [...findings]
    .filter(({ hosts }) => hosts.length > 0)
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
    .map(({ rule, state, severity, hosts, because }) => ({
      label: severity.toUpperCase(),
      tint: tints[severity],
      subject: state === null ? rule : `${rule} · ${state}`,
      hosts,
      says: [because],
    }));

/** One block per service: whether it can take its clients, and because of which hosts not. */
export const serviceBlocks = ({ services }: FleetResult): Block[] =>
  services.map(({ name, port, ready, hosts, blockers, unknown, because }) => ({
    label: ready === null ? 'unknown' : ready ? 'ready' : 'NOT READY',
    tint: ready === null ? 'yellow' : ready ? 'green' : 'red',
    subject: `${name} :${port}`,
    hosts,
    says: [because, ...blockers.map(set => `Because of: ${set}`), ...unknown.map(set => `Not known: ${set}`)],
  }));

/** What the groups need of a NAT gateway; only a readiness run asks. */
export const gatewayBlocks = ({ gateways }: FleetResult): Block[] =>
  gateways.map(({ group, hosts, because }) => ({
    label: 'ports',
    tint: 'cyan',
    subject: group,
    hosts,
    says: [because],
  }));

/** Cohorts shown; a fleet where every machine is different has as many as hosts. */
const cohortsShown = 8;

/** Hosts of equal settings on one line each, the largest first, with what sets them apart. One cohort tells nothing. */
export function cohortBlocks({ cohorts }: FleetResult, isVerbose: boolean): Block[] {
  if (cohorts.length < 2) return [];
  const shown = isVerbose ? cohorts : cohorts.slice(0, cohortsShown);
  const blocks = shown.map(({ id, label, hosts, settings }, index): Block => {
    const differences = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    return {
      label: id,
      tint: 'dim',
      subject: label,
      hosts,
      says: index === 0 || differences.length === 0 ? [] : [`Differs in ${differences.join(', ')}`],
    };
  });
  const rest = cohorts.slice(shown.length);
  if (rest.length === 0) return blocks;
  const hosts = rest.reduce((sum, cohort) => sum + cohort.hosts.length, 0);
  return [...blocks, { label: '…', tint: 'dim', subject: `${rest.length} more cohorts`, hosts, says: [] }];
}

/** Hosts that do the same to the client that was asked about. */
export interface ClientBlock {
  readonly hosts: string[];
  readonly because: string;
  varies: boolean;
}

export type ClientAnswers = Map<ClientAnswer['answer'], ClientBlock>;

/** Files what one host does to the client; a host that was not audited does nobody knows what. */
export function addAnswer(answers: ClientAnswers, { name, client, error }: HostResult): void {
  const { answer, because } = client ?? { answer: 'unknown', because: 'It was not audited.' };
  if (client === undefined && error === null) return;
  const block = answers.get(answer);
  if (block === undefined) answers.set(answer, { hosts: [name], because, varies: false });
  else {
    block.hosts.push(name);
    block.varies ||= block.because !== because;
  }
}

const answerWords: ReadonlyArray<readonly [ClientAnswer['answer'], string, Style]> = [
  ['drops', 'drops it', 'red'],
  ['would-drop', 'would drop', 'magenta'],
  ['unknown', 'unknown', 'yellow'],
  ['does-not-drop', 'does not', 'green'],
];

/** The worst answer first; the reason of one host stands for all. */
export const answerBlocks = (answers: ClientAnswers): Block[] =>
  answerWords.flatMap(([answer, label, tint]) => {
    const block = answers.get(answer);
    if (block === undefined) return [];
    const says = block.varies ? `${block.hosts[0]}, for instance: ${block.because}` : block.because;
    return [{ label, tint, hosts: block.hosts, says: [says] }];
  });
