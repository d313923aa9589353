/** Plans and requests with short deadlines, for tests of transports. */
import type { ConnectPlan } from '../../src/model/plan.ts';
import type { Visit } from '../../src/model/visit.ts';
import { createPlaces } from '../../src/transport/places.ts';
import type { Transport, VisitRequest, VisitWatch } from '../../src/transport/transport.ts';

const endMarker = '#end 0123456789abcdef0123456789abcdef';

/** A script that prints one line and the end marker. */
export const requestOf = (script: string, more: Partial<VisitRequest> = {}): VisitRequest => ({
  script: `${script}\necho '${endMarker}'\n`,
  endMarker,
  maxOutputBytes: 1024 * 1024,
  intervalMs: 0,
  ...more,
});

/** A plan for root with nothing known and nothing to log in with, unless said. */
export const planOf = (
  at: { readonly address: string; readonly port: number },
  more: Partial<ConnectPlan> = {},
): ConnectPlan => ({
  host: 'web01',
  transport: 'ssh2',
  address: at.address,
  port: at.port,
  user: 'root',
  hops: [],
  identityFiles: [],
  identitiesOnly: false,
  algorithms: 'modern',
  hostKeys: { mode: 'off', files: [], appendTo: '/nonexistent/known_hosts' },
  deadlines: { connectMs: 1_000, handshakeMs: 5_000, authMs: 5_000, execMs: 5_000, hostMs: 15_000 },
  origins: {},
  ...more,
});

/** Nobody interrupts; 64 places. */
export const watchOf = (more: Partial<VisitWatch> = {}): VisitWatch => ({
  gate: createPlaces(64),
  onPhase: () => {},
  signal: new AbortController().signal,
  ...more,
});

/** The error of a visit that must have failed, as `outcome/phase/code`. */
export const failureOf = (visit: Visit): string =>
  visit.ok ? `ok: ${visit.output.toString()}` : `${visit.error.outcome}/${visit.error.phase}/${visit.error.code}`;

/** One visit, nobody watching. */
export const visitWith = (transport: Transport, plan: ConnectPlan, script = 'echo hello'): Promise<Visit> =>
  transport.visit(plan, requestOf(script), watchOf());
