import { describe, expect, it } from 'vitest';
import { hostList } from '../../src/ui/host-list.ts';
import { ruleList } from '../../src/ui/rule-list.ts';
import { rankOf, standings } from '../../src/ui/standing.ts';
import { hostColumns, initialState, type State } from '../../src/ui/state.ts';
import fc from '../fast-check.ts';
import { eventsOf, failed, recycling, result } from '../report/results.ts';
import { finished, setup, size, told } from './states.ts';

/** Results of a few hosts, in any order, some of them twice: as rounds of a watch bring them. */
const results = fc.array(
  fc
    .record({
      number: fc.nat(30),
      kind: fc.nat(4),
      rate: fc.nat(50),
      kernel: fc.constantFrom('3.10.0', '3.9.1', '5.4'),
    })
    .map(({ number, kind, rate, kernel }) => {
      const name = `web${number}`;
      if (kind === 0) return failed(name, 'unreachable', { code: 'refused' });
      return kind === 1 ? { ...recycling(name, rate), kernel } : result(name, { kernel });
    }),
  { maxLength: 40 },
);

/** The order by definition, with nothing kept from before. */
function plainly({ data, sort }: State): string[] {
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const number = (a: number | null, b: number | null) => (b ?? -1) - (a ?? -1);
  type Row = ReturnType<typeof hostList>[number];
  const by: Record<State['sort']['column'], (a: Row, b: Row) => number> = {
    severity: (a, b) => rankOf(a.standing) - rankOf(b.standing) || number(a.drops, b.drops),
    host: (a, b) => text(a.order, b.order),
    kernel: (a, b) => text(a.kernelOrder, b.kernelOrder),
    verdict: (a, b) => text(a.verdict, b.verdict),
    nat: (a, b) => number(a.nat.share, b.nat.share),
    drops: (a, b) => number(a.drops, b.drops),
  };
  const sign = sort.reversed ? -1 : 1;
  return [...data.rows.values()]
    .sort((a, b) => sign * by[sort.column](a, b) || text(a.order, b.order))
    .map(({ name }) => name);
}

describe('the list of hosts', () => {
  it('is in order, whichever batches brought it', () => {
    fc.assert(
      fc.property(
        fc.array(results, { maxLength: 4 }),
        fc.constantFrom(...hostColumns),
        fc.boolean(),
        (batches, column, reversed) => {
          let state: State = { ...initialState(setup, size), sort: { column, reversed } };
          for (const batch of batches) {
            state = told(
              batch.map(each => ({ type: 'host', result: each, snapshot: null })),
              state,
            );
            expect(hostList(state).map(({ name }) => name)).toEqual(plainly(state));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the list of rules', () => {
  it('counts each host once, however often it answers', () => {
    const first = finished([recycling('web1', 3), result('web2')]);
    const again = told(eventsOf([result('web1'), recycling('web2', 3), result('web3')]), first);
    const [top] = ruleList(again);
    expect(top).toMatchObject({ rule: { id: 'tw-recycle' }, worst: 'critical' });
    expect(top?.verdicts).toEqual(
      ruleList(finished([result('web1'), recycling('web2', 3), result('web3')]))[0]?.verdicts,
    );
  });

  it.each(standings.filter(each => each !== 'lost' && each !== 'ok'))('tells %s as the worst of a rule', severity => {
    const base = recycling('web1', 3);
    const findings = base.findings.flatMap(each => [
      { ...each, severity },
      { ...each, severity: 'info' as const },
    ]);
    expect(ruleList(finished([{ ...base, findings }]))[0]?.worst).toBe(severity);
  });
});
