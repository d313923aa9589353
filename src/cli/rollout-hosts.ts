/** Visits of a rollout: the reviewed script on a host, and the audit that a gate compares. */
import { randomBytes } from 'node:crypto';
import { newBoundary } from '../collect/script.ts';
import { createEvaluate } from '../engine/evaluate.ts';
import { createGate } from '../engine/gate.ts';
import type { PlannedHost } from '../engine/run.ts';
import { matchesHostPattern } from '../inventory/select.ts';
import type { Inventory } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { Deadlines } from '../model/plan.ts';
import { type ScriptMode, scriptEnd } from '../model/remediation.ts';
import type { HostHealth, StepResult } from '../model/rollout.ts';
import type { Phase, Visit } from '../model/visit.ts';
import { healthOf } from '../remediate/rollout-gate.ts';
import { stepResult } from '../remediate/rollout-step.ts';
import { visitRequest } from './conduct.ts';
import type { PlanDirectory } from './plan-directory.ts';
import type { Transports } from './transports.ts';

/** What a script prints is some KB; the files of a host with hundreds of them are named in it. Unit: bytes. */
const maxOutputBytes = 1_024 * 1_024;

/** A script copies, writes and syncs files: on a slow disk that takes longer than reading does. Unit: ms. */
const scriptMs = 60_000;

/** Hosts by name, and what a visit of them needs. */
export interface RolloutVisits {
  readonly hosts: ReadonlyMap<string, PlannedHost>;
  /** By host: its cohort in the plan. */
  readonly cohorts: ReadonlyMap<string, string>;
  readonly directory: PlanDirectory;
  readonly inventory: Inventory;
  readonly transports: Transports;
  readonly intervalSeconds: number;
  /** Handshakes in flight. */
  readonly concurrency: number;
}

/** Both kinds of visits. Neither rejects for what a host does. */
export function rolloutVisits(visits: RolloutVisits): {
  readonly runScript: (host: string, mode: ScriptMode, signal: AbortSignal) => Promise<StepResult>;
  readonly audit: (host: string, signal: AbortSignal) => Promise<HostHealth>;
} {
  const gate = createGate(visits.concurrency);
  const boundary = newBoundary(randomBytes(16));
  const request = visitRequest(
    { intervalSeconds: visits.intervalSeconds, sockets: 'bounded', profile: 'audit' },
    boundary,
  );
  const evaluate = createEvaluate({
    profile: 'audit',
    nat: visits.inventory.nat,
    waivers: [],
    today: new Date().toISOString().slice(0, 10),
    matchesHost: matchesHostPattern,
    earlierRunOf: () => null,
    boundary,
  });
  const texts = scriptTexts(visits.directory);
  const rulesOf = new Map(
    visits.directory.plan.cohorts.map(({ id, changes }) => [id, changes.flatMap(({ rules }) => rules)]),
  );
  return {
    async runScript(name, mode, signal) {
      const { plan } = hostOf(name, visits);
      const script = texts.get(visits.cohorts.get(name) ?? '');
      if (script === undefined) throw new Error(`no script for ${name}`);
      const phases: Phase[] = [];
      const visit = await visits.transports
        .of(plan)
        .visit(
          { ...plan, deadlines: forScripts(plan.deadlines) },
          { script, endMarker: scriptEnd, maxOutputBytes, intervalMs: 0, args: [`--${mode}`], rights: 'root' },
          { gate, onPhase: phase => phases.push(phase), signal },
        )
        .catch(interrupted);
      return stepResult(mode, visit, { mayHaveBegun: phases.includes('exec') });
    },
    async audit(name, signal) {
      const { host, plan } = hostOf(name, visits);
      const visit = await visits.transports
        .of(plan)
        .visit(plan, request, { gate, onPhase: () => {}, signal })
        .catch(interrupted);
      return healthOf(
        evaluate({ host, address: plan.address, visit }),
        rulesOf.get(visits.cohorts.get(name) ?? '') ?? [],
      );
    },
  };
}

const hostOf = (name: string, { hosts }: RolloutVisits): PlannedHost => {
  const planned = hosts.get(name);
  if (planned === undefined) throw new Error(`no connection was planned for ${name}`);
  return planned;
};

const forScripts = (deadlines: Deadlines): Deadlines => ({
  ...deadlines,
  execMs: Math.max(deadlines.execMs, scriptMs),
  hostMs: Math.max(deadlines.hostMs, scriptMs + deadlines.connectMs + deadlines.handshakeMs + deadlines.authMs),
});

/** Scripts are sent as texts: one that is no UTF-8 would not be the bytes that were checked. */
function scriptTexts({ scripts }: PlanDirectory): ReadonlyMap<string, string> {
  return new Map(
    Array.from(scripts, ([cohort, bytes]) => {
      const text = bytes.toString('utf8');
      if (!Buffer.from(text).equals(bytes)) throw inputError(`the script of ${cohort} is no UTF-8 text`);
      return [cohort, text] as const;
    }),
  );
}

/** Who waits at the gate when everything is stopped is sent away by a rejection. */
function interrupted(error: unknown): Visit {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  return {
    ok: false,
    error: {
      outcome: 'interrupted',
      phase: 'connect',
      code: 'interrupted',
      message: 'stopped before the connection',
      hint: '--resume goes on',
      retryable: true,
    },
    timing: { totalMs: 0 },
    notes: [],
  };
}
