/** Probe results made of counts, for tests. */
import {
  type Attempt,
  type AttemptOutcome,
  type ProbeDocument,
  type ProbePair,
  type ProbeResult,
  probeSchema,
} from '../../src/model/probe.ts';
import { defaultProbeOptions } from '../../src/probe/attempts.ts';
import { conclusionsOf } from '../../src/probe/conclusion.ts';
import { limitsOf } from '../../src/probe/limits.ts';
import { createRecorder, tallyOf } from '../../src/probe/tally.ts';

export interface Fared {
  readonly from?: string;
  readonly to?: string;
  /** Outcomes and how often. */
  readonly outcomes: Partial<Record<AttemptOutcome, number>>;
  /** Of connects beyond those of `outcomes`. Unit: ms. */
  readonly times?: readonly number[];
  readonly stopped?: string;
}

const reasons: Readonly<Record<string, string>> = { refused: 'ECONNREFUSED', 'not-sent': 'EMFILE' };

/** A result with these pairs. */
export function resultOf(fared: readonly Fared[]): ProbeResult {
  const done = fared.map(({ from = 'here', to = 'web01:80', outcomes, times = [], stopped }) => {
    const recorder = createRecorder();
    for (const [outcome, n] of Object.entries(outcomes)) {
      const attempt = {
        outcome: outcome as AttemptOutcome,
        ms: outcome === 'timeout' ? 10_000 : 0.4,
        ...(outcome in reasons && { why: reasons[outcome] as string }),
      } satisfies Attempt;
      for (let i = 0; i < n; i++) recorder.add(attempt);
    }
    for (const ms of times) recorder.add({ outcome: 'connected', ms });
    const recorded = recorder.finish(0);
    const [, host = to, port = '80'] = /^(.*):(\d+)$/.exec(to) ?? [];
    const pair: ProbePair = {
      from,
      to,
      host,
      port: Number(port),
      roundTripMs: from === 'here' ? null : 12.5,
      ...(stopped !== undefined && { stopped }),
      ...tallyOf([recorded]),
    };
    return { recorded, pair };
  });
  return {
    options: defaultProbeOptions,
    pairs: done.map(({ pair }) => pair),
    all: tallyOf(done.map(({ recorded }) => recorded)),
    interrupted: false,
  };
}

/** The same as a document. */
export function documentOf(fared: readonly Fared[], changes: Partial<ProbeDocument> = {}): ProbeDocument {
  const result = resultOf(fared);
  return {
    schema: probeSchema,
    id: '20261123T021739Z-7995cf',
    startedAt: '2026-11-23T02:17:39.000Z',
    finishedAt: '2026-11-23T02:17:44.500Z',
    version: '0.1.0',
    kernel: '6.1.0',
    ...result,
    lagMs: 1.5,
    origins: [{ name: 'here', error: null }],
    says: conclusionsOf(result),
    limits: limitsOf({ from: 'here', kernel: '6.1.0' }),
    comparison: null,
    ...changes,
  };
}
