import type { Evaluate } from '../../src/engine/evaluate.ts';
import { createFleet } from '../../src/engine/fleet.ts';
import { notAudited } from '../../src/engine/not-audited.ts';
import type { AuditInput, PlannedHost } from '../../src/engine/run.ts';
import { type Host, namedHost } from '../../src/model/host.ts';
import { defaultDeadlines } from '../../src/model/plan.ts';
import type { HostResult, RunEvent, RunInfo } from '../../src/model/run.ts';
import type { Visit } from '../../src/model/visit.ts';
import type { Transport } from '../../src/transport/transport.ts';

export const host = (name: string): Host => ({
  ...namedHost(name, { file: 'inventory.yaml', line: 3, column: 5 }),
  groups: ['web'],
});

export const planned = (name: string): PlannedHost => ({
  host: host(name),
  plan: {
    host: name,
    transport: 'ssh2',
    address: `${name}.example.com`,
    port: 22,
    user: 'audit',
    hops: [],
    identityFiles: [],
    identitiesOnly: false,
    algorithms: 'modern',
    hostKeys: { mode: 'strict', files: [], appendTo: '' },
    deadlines: defaultDeadlines,
    origins: {},
  },
});

export const runInfo = (hostCount: number): RunInfo => ({
  id: '20261122T194947Z-3f9c01',
  startedAt: '2026-11-22T19:49:47.000Z',
  version: '0.1.0',
  profile: 'audit',
  intervalMs: 2_000,
  subject: 'inventory.yaml',
  hostCount,
  failOn: 'high',
  allowIncomplete: false,
});

export const came = (text: string): Visit => ({
  ok: true,
  output: Buffer.from(text),
  stderr: '',
  exitCode: 0,
  timing: { connectMs: 1, totalMs: 2 },
  notes: [],
});

export const audited = (name: string): HostResult => ({
  ...notAudited(
    { host: host(name), address: `${name}.example.com`, visit: came('') },
    { outcome: 'failed', phase: 'collect', code: '', message: '', hint: '', retryable: false },
  ),
  outcome: 'audited',
  error: null,
  kernel: '6.1.0',
  verdicts: { 'tw-recycle': 'notapplicable' },
});

/** Judging is another matter (evaluate.test.ts): here every visit that came back counts as audited. */
export const acceptAll: Evaluate = visited =>
  visited.visit.ok
    ? { result: audited(visited.host.name), snapshot: null }
    : { result: notAudited(visited, visited.visit.error), snapshot: null };

export interface Setting extends Partial<AuditInput> {
  readonly names: readonly string[];
  readonly visit: Transport['visit'];
}

export function auditInput({ names, visit, ...rest }: Setting): AuditInput {
  const transport: Transport = { visit, close: async () => {} };
  return {
    run: runInfo(names.length),
    hosts: names.map(planned),
    transportOf: () => transport,
    request: { script: '', endMarker: '', maxOutputBytes: 1_000, intervalMs: 0 },
    evaluate: acceptAll,
    concurrency: 64,
    maxOpen: 128,
    stop: { winding: new AbortController().signal, now: new AbortController().signal },
    fleet: createFleet({ hosts: [], profile: 'audit', isWaived: () => false }),
    onInternalError: () => {},
    ...rest,
  };
}

export async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const list: RunEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

export const outcomesOf = (events: readonly RunEvent[]): Record<string, string> =>
  Object.fromEntries(
    events.flatMap(event => (event.type === 'host' ? [[event.result.name, event.result.outcome]] : [])),
  );

export function endOf(events: readonly RunEvent[]) {
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('the last event is no end');
  return end;
}
