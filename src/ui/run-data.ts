import type { RunEvent } from '../model/run.ts';
import { type HostRow, hostRow } from './host-row.ts';
import { type CountsDraft, countsDraft, countVerdicts } from './rule-list.ts';
import type { Standing } from './standing.ts';
import { noData, type OpenVisit, type RunData } from './state.ts';

/** A run's event, and when it came. */
export interface Told {
  readonly event: RunEvent;
  /** Unit: ms. */
  readonly at: number;
}

/** What was known, and what a batch of events adds. Pure; maps are copied once per batch, not once per event. */
export function withEvents(data: RunData, told: readonly Told[]): RunData {
  if (told.length === 0) return data;
  const draft: Draft = {
    ...data,
    rows: new Map(data.rows),
    open: new Map(data.open),
    standing: { ...data.standing },
    counts: countsDraft(data.counts),
  };
  for (const { event, at } of told) addEvent(draft, event, at);
  return draft;
}

interface Draft extends Writable<RunData> {
  rows: Map<string, HostRow>;
  open: Map<string, OpenVisit>;
  standing: Record<Standing, number>;
  counts: CountsDraft;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function addEvent(draft: Draft, event: RunEvent, at: number): void {
  switch (event.type) {
    case 'run':
      beginRound(draft, event, at);
      return;
    case 'phase': {
      const since = draft.open.get(event.host)?.since ?? at;
      draft.open.set(event.host, { phase: event.phase, since });
      return;
    }
    case 'host':
      addResult(draft, event);
      return;
    case 'end':
      draft.end = event;
      draft.finishedAt = at;
      draft.open.clear();
  }
}

function beginRound(draft: Draft, { run }: Extract<RunEvent, { type: 'run' }>, at: number): void {
  draft.run = run;
  draft.round += 1;
  draft.beganAt = at;
  draft.finishedAt = null;
  draft.done = 0;
  draft.open.clear();
  // What the fleet was known to be stays until it is known anew: the screen does not go blank between two rounds.
  if (draft.round === 1) draft.end = noData.end;
}

function addResult(draft: Draft, { result, snapshot }: Extract<RunEvent, { type: 'host' }>): void {
  const before = draft.rows.get(result.name);
  draft.open.delete(result.name);
  const row = hostRow({ result, snapshot, round: draft.round }, before);
  if (before !== undefined) {
    draft.standing[before.standing] -= 1;
    countVerdicts(draft.counts, before.result, -1);
  }
  draft.standing[row.standing] += 1;
  countVerdicts(draft.counts, result, 1);
  if (before === undefined || before.round !== draft.round) draft.done += 1;
  draft.rows.set(result.name, row);
}
