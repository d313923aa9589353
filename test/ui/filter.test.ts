import { describe, expect, it } from 'vitest';
import type { HostResult } from '../../src/model/run.ts';
import { parseFilter } from '../../src/ui/filter.ts';
import { type HostRow, hostRow } from '../../src/ui/host-row.ts';
import fc from '../fast-check.ts';
import { failed, recycling, result } from '../report/results.ts';

const rowOf = (each: HostResult): HostRow => hostRow({ result: each, snapshot: null, round: 1 }, undefined);

const rows = [
  recycling('web1', 59.5),
  recycling('web2', 0),
  result('api1', {
    groups: ['api', 'eu'],
    kernel: '4.12.0-rc1',
    clients: {
      connections: 40,
      addresses: 4,
      shared: [{ address: '10.8.0.5', connections: 30, because: ['declared:nat'] }],
    },
  }),
  result('db1', { groups: ['db'], kernel: '4.9.0-19-amd64', os: 'Debian GNU/Linux 9' }),
  failed('old1', 'unreachable'),
].map(rowOf);

function matching(text: string): string {
  const filter = parseFilter(text);
  return 'problem' in filter
    ? `problem: ${filter.problem}`
    : rows
        .filter(filter.test)
        .map(({ name }) => name)
        .join(' ');
}

describe('a filter', () => {
  it.each([
    ['', 'web1 web2 api1 db1 old1'],
    ['web', 'web1 web2 old1'], // old1 is of group web
    ['WEB1', 'web1'],
    ['w*1', 'web1'],
    ['!web', 'api1 db1'],
    ['firing', 'web1 web2'],
    ['sev>=high', 'web1 web2'],
    ['sev >= high', 'web1 web2'],
    ['critical', 'web1 web2'], // as column SEV says it
    ['lost', 'old1'],
    ['sev:ok', 'api1 db1'],
    ['sev<high', 'api1 db1'],
    ['sev=lost', 'old1'],
    ['group:web', 'web1 web2 old1'],
    ['group=api', 'api1'],
    ['group!=web', 'api1 db1'],
    ['kernel<4.12', 'web1 web2 db1'],
    ['kernel>=4.12', 'api1'],
    ['kernel < 4.12 group!= web', 'db1'],
    ['kernel=4.9', 'db1'],
    ['kernel:el7', 'web1 web2'],
    ['rule:recycle state:firing', 'web1 web2'],
    ['outcome:unreachable', 'old1'],
    ['os:"GNU/Linux 9"', 'db1'],
    ['drops>0', 'web1'],
    ['drops<1', 'web2'], // the others have no rate: missing is not 0
    ['nat>50', 'api1'],
    ['clients>=40', 'api1'],
    ['is:fault', 'web1 web2 old1'],
    ['group:web !sev>=high', 'old1'],
  ])('%j shows %j', (text, names) => {
    expect(matching(text)).toBe(names);
  });

  it.each([
    ['colour:red', /no field "colour"/],
    ['sev>=awful', /no severity "awful"/],
    ['kernel<new', /no kernel version/],
    ['drops>many', /no number/],
    ['group<web', /use : or =/],
    ['group:', /what\?/],
    ['constructor:x', /no field/],
    ['x'.repeat(501), /longer/],
  ])('%j is refused with a reason', (text, reason) => {
    expect(matching(text)).toMatch(reason);
  });

  it('finds what a container has', () => {
    const [finding] = recycling('web1', 3).findings;
    const namespace = { id: '4026532000', owner: 'nginx[4711]', container: null, verdicts: {}, notChecked: {} };
    const findings = finding === undefined ? [] : [{ ...finding, rule: 'accept-queue-overflow', state: 'active' }];
    const row = rowOf(result('box1', { namespaces: [{ ...namespace, findings }] }));
    const filter = parseFilter('rule:accept-queue state:active');
    expect('test' in filter && filter.test(row)).toBe(true);
  });

  it('takes any text without throwing, and ! inverts a term', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'binary' }), text => {
        const word = text.replace(/[\s"!]/g, '');
        const [plain, inverted] = [parseFilter(word), parseFilter(`!${word}`)];
        if (word === '' || 'problem' in plain || 'problem' in inverted) return;
        for (const row of rows) expect(inverted.test(row)).toBe(!plain.test(row));
      }),
    );
  });
});
