import type { Outcome } from '../model/visit.ts';
import { lastAnswer } from './memo.ts';
import type { RunData, State } from './state.ts';

/** Hosts that were not audited, or in part only, for one reason. */
export interface ProblemRow {
  readonly id: string;
  readonly outcome: Outcome;
  /** Of the first host; others may differ in names and numbers. */
  readonly message: string;
  readonly hint: string;
  readonly hosts: readonly string[];
}

/** By reason, the most hosts first; what was read in part comes last. */
export const problemList = (state: State): readonly ProblemRow[] => gathered(state.data.rows);

const gathered = lastAnswer((rows: RunData['rows']): readonly ProblemRow[] => {
  const all = new Map<string, Omit<ProblemRow, 'hosts'> & { hosts: string[] }>();
  const add = (row: Omit<ProblemRow, 'hosts'>, host: string) => {
    const known = all.get(row.id);
    if (known === undefined) all.set(row.id, { ...row, hosts: [host] });
    else known.hosts.push(host);
  };
  for (const { name, result } of rows.values()) {
    const { error, outcome, unread } = result;
    if (error !== null) {
      const hop = error.hop === undefined ? '' : ` (jump host ${error.hop})`;
      const id = `${outcome} ${error.code}${hop}`;
      add({ id, outcome, message: `${error.message}${hop}`, hint: error.hint }, name);
    }
    for (const [source, why] of Object.entries(unread))
      add({ id: `partial ${source}`, outcome: 'partial', message: `${source}: ${why}`, hint: partialHint }, name);
  }
  return [...all.values()].sort(
    (a, b) => Number(a.outcome === 'partial') - Number(b.outcome === 'partial') || b.hosts.length - a.hosts.length,
  );
});

const partialHint = 'the rules that need it say "not checked"; as root (--sudo) more can be read';
