import { readFrames } from '../collect/frames.ts';
import type { ClientFacts, EarlierRun, Facts } from '../model/facts.ts';
import type { Host, NatRange, Waiver } from '../model/host.ts';
import { absent, known, ok, type Reading } from '../model/reading.ts';
import { type Finding, isActing } from '../model/rule.ts';
import { type ClientsResult, type HostResult, madeOnHost, type NamespaceResult, type Profile } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Outcome, Visit, VisitError } from '../model/visit.ts';
import { rules } from '../rules/index.ts';
import { primaryOf } from '../rules/primary.ts';
import { buildSnapshot } from '../snapshot/build.ts';
import { clientFacts } from '../snapshot/clients.ts';
import { answerOfHost, type ClientQuestion } from './client-question.ts';
import { cohortOf } from './cohorts.ts';
import { type Judged, judgeAll } from './judging.ts';
import { listenersShown } from './listeners-shown.ts';
import { judgeNamespaces } from './namespaces.ts';
import { notAudited, timingResult } from './not-audited.ts';
import { notLinux, outcomeOfOutput } from './outcome.ts';
import { quietOf } from './quiet.ts';
import { ratesOf } from './rates.ts';
import { settingsShown } from './settings-shown.ts';
import { createWaiving, type MatchesHost } from './waivers.ts';

/** What is known before the first host answers, and is the same for all. */
export interface EvaluationContext {
  readonly profile: Profile;
  readonly nat: readonly NatRange[];
  readonly waivers: readonly Waiver[];
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
  readonly matchesHost: MatchesHost;
  /** Counters of an earlier run of this host in this boot, if the store has them. */
  readonly earlierRunOf: (host: string, bootId: string) => EarlierRun | null;
  /** The hosts are saved trees (`ingest`): a file that is missing was perhaps not saved, and says nothing of the system. */
  readonly savedTrees?: boolean;
  /** `--client`. */
  readonly client?: ClientQuestion;
  /** Boundary of the script that was sent; left out for saved output, which names its own. */
  readonly boundary?: string;
}

/** A host, where it was reached, and what the visit brought back. */
export interface Visited {
  readonly host: Host;
  readonly address: string;
  readonly visit: Visit;
}

export interface Evaluated {
  readonly result: HostResult;
  readonly snapshot: Snapshot | null;
}

/** From what one visit printed to its HostResult. Synchronous and deterministic; it throws only for a bug of ours. */
export type Evaluate = (visited: Visited) => Evaluated;

/** Prepares the judging of many hosts: frames → snapshot → facts → verdicts, findings, primary. */
export function createEvaluate(context: EvaluationContext): Evaluate {
  const waive = createWaiving(context.waivers, context.today, context.matchesHost);
  return visited => {
    const { host, visit } = visited;
    if (!visit.ok) return { result: notAudited(visited, visit.error), snapshot: null };

    const snapshot = snapshotOf(visit, context);
    if ('outcome' in snapshot) return { result: notAudited(visited, snapshot), snapshot: null };

    const facts = factsOf(snapshot, visited, context);
    const judged = judgeAll(rules, facts, host.rules);
    const { findings, notes } = waive(host, judged.findings);
    const others = judgeNamespaces(snapshot, { host, nat: context.nat, profile: context.profile, judged, waive });
    const evaluation = {
      snapshot,
      facts,
      judged: { ...judged, findings },
      namespaces: others.results,
      notes: [...new Set([...notes, ...others.notes])],
      client: context.client,
    };
    return { result: resultOf(visited, evaluation), snapshot };
  };
}

/** What the visit brought back, or its output makes; or why there is nothing to judge. */
function snapshotOf(visit: Visit & { readonly ok: true }, context: EvaluationContext): Snapshot | VisitError {
  if (visit.snapshot !== undefined) return visit.snapshot;
  const read = readFrames(visit.output, context.boundary);
  if (!read.ok) return outcomeOfOutput({ ...visit, why: read.why });
  const snapshot = buildSnapshot(read.frames);
  return context.savedTrees === true ? snapshot : (notLinux(snapshot) ?? snapshot);
}

function factsOf(snapshot: Snapshot, { host, visit }: Visited, context: EvaluationContext): Facts {
  const { nat, profile, earlierRunOf } = context;
  const bootId = known(snapshot.bootId);
  return {
    snapshot,
    profile,
    clients: clientFacts(snapshot, { declared: nat, hostClients: host.clients }),
    declared: nat.filter(({ name }) => host.clients.includes(name)),
    earlierRun: bootId === undefined ? null : earlierRunOf(host.name, bootId),
    ssh: visit.ok && visit.algorithms !== undefined ? ok(visit.algorithms) : absent('not-collected'),
  };
}

interface Evaluation {
  readonly snapshot: Snapshot;
  readonly facts: Facts;
  readonly judged: Judged;
  readonly namespaces: readonly NamespaceResult[];
  /** Remarks of the judging, beside those of the visit. */
  readonly notes: readonly string[];
  readonly client: ClientQuestion | undefined;
}

function resultOf({ host, address, visit }: Visited, evaluation: Evaluation): HostResult {
  const { snapshot, facts, judged, namespaces, notes, client } = evaluation;
  const rates = ratesOf(snapshot);
  const listeners = listenersShown(snapshot);
  const outcome: Outcome = Object.keys(snapshot.unread).length > 0 ? 'partial' : 'audited';
  return {
    name: host.name,
    groups: host.groups,
    address,
    hostname: known(snapshot.hostname) ?? null,
    outcome,
    kernel: known(snapshot.kernel) ?? null,
    cohort: cohortOf(snapshot).id,
    os: known(snapshot.os) ?? null,
    // what acts in a container leads over what acted on the host
    primary: primaryOf(
      [judged, ...namespaces].flatMap(({ findings }) => findings.filter(({ waived }) => waived === null)),
    ),
    error: null,
    timing: timingResult(visit.timing),
    unread: snapshot.unread,
    notes: notes.length === 0 ? visit.notes : [...visit.notes, ...notes],
    findings: judged.findings,
    verdicts: judged.verdicts,
    notChecked: judged.notChecked,
    settings: settingsShown(snapshot, [...judged.findings, ...namespaces.flatMap(ofHost)]),
    clients: clientsResult(facts.clients),
    ...(listeners !== undefined && { listeners }),
    namespaces,
    quiet: namespaces.some(({ findings: found }) => found.some(isActing)) ? null : quietOf(snapshot, judged),
    ...(rates !== undefined && { rates }),
    ...(client !== undefined && { client: answerOfHost(client, snapshot, { judged, namespaces }) }),
  };
}

/** Findings of a namespace that a setting of the host clears: its value is shown with the others. */
const ofHost = ({ findings }: NamespaceResult): readonly Finding[] =>
  findings.filter(({ remedy }) => remedy?.summary.endsWith(madeOnHost) === true);

function clientsResult(clients: Reading<ClientFacts>): ClientsResult | null {
  if (clients.state !== 'ok') return null;
  const { connections, addresses, shared } = clients.value;
  return { connections, addresses, shared };
}
