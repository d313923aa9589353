import { describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/history/compared.ts';
import { compareRuns } from '../../src/history/diff.ts';
import type { FindingChange, FindingChangeKind } from '../../src/model/diff.ts';
import type { Finding, Verdict } from '../../src/model/rule.ts';
import type { FleetFinding, HostResult, NamespaceResult } from '../../src/model/run.ts';
import fc from '../fast-check.ts';
import { failed, firing, recycling, result } from '../report/results.ts';
import { booted, comparedRun } from './compared-runs.ts';

const policy = { failOn: 'high', allowIncomplete: false } as const;
const paws = 'TcpExt.PAWSPassive';

const compare = (before: readonly HostResult[], after: readonly HostResult[]) =>
  compareRuns(comparedRun(before), comparedRun(after), policy);

/** The only change of a comparison of one host. */
function onlyChange(before: HostResult | null, after: HostResult | null): FindingChange {
  const changes = compare(before === null ? [] : [before], after === null ? [] : [after]).hosts.flatMap(
    ({ findings }) => findings,
  );
  expect(changes).toHaveLength(1);
  return changes[0] as FindingChange;
}

const clean = (verdict: Verdict = 'pass') => result('web01', { verdicts: { 'tw-recycle': verdict } });
const found = (change: Partial<Finding> = {}) =>
  result('web01', { verdicts: { 'tw-recycle': 'fail' }, findings: [firing(59.5, change)] });
/** With two samples between which nothing was dropped. */
const measured = (host: HostResult): HostResult => ({ ...host, rates: { [paws]: 0 } });
const waived = { reason: 'lab', expires: '2027-01-01' };

describe('a finding is', () => {
  test.each<[FindingChangeKind, string, HostResult | null, HostResult | null]>([
    ['fixed', 'the rule passes', found(), clean()],
    ['fixed', 'the key is gone', found(), clean('notapplicable')],
    ['unknown', 'the rule was not checked', found(), clean('notchecked')],
    ['unknown', 'the rule has no verdict', found(), result('web01', { verdicts: {} })],
    ['unknown', 'the host was not audited', found(), failed('web01', 'unreachable')],
    ['unknown', 'the host is not there', found(), null],
    ['new', 'the rule passed before', clean(), found()],
    ['first-seen', 'the rule was not checked before', clean('notchecked'), found()],
    ['first-seen', 'the host was not audited before', failed('web01', 'timed-out'), found()],
    ['first-seen', 'the host was not there', null, found()],
    ['same', 'nothing changed', found(), found()],
    ['better', 'it does not act now', found(), measured(found({ state: 'fired', evidence: [] }))],
    ['changed', 'whether it acts now was not measured', found(), found({ state: 'fired', evidence: [] })],
    ['changed', 'whether it acted was not measured', found({ state: 'fired', evidence: [] }), found()],
    ['better', 'it has not acted', found({ state: 'fired' }), found({ state: 'exposed' })],
    ['better', 'it is less severe', found(), found({ severity: 'medium', state: 'latent' })],
    ['worse', 'it acts now', found({ state: 'past', severity: 'high' }), found({ state: 'active', severity: 'high' })],
    ['worse', 'it is more severe', found({ severity: 'medium', state: 'latent' }), found({ state: 'exposed' })],
    ['changed', 'it is otherwise', found({ state: 'latent' }), found({ state: 'exposed' })],
  ])('%s: %s', (kind, _why, before, after) => {
    expect(onlyChange(before, after).change).toBe(kind);
  });

  test('told with its rate before and after, also where it is gone', () => {
    const now = { ...clean(), rates: { [paws]: 0 } };
    expect(onlyChange(found(), now).rate).toEqual({ field: paws, before: 59.5, after: 0 });
    expect(onlyChange(found(), clean()).rate).toEqual({ field: paws, before: 59.5, after: null });
    expect(onlyChange({ ...clean(), rates: { [paws]: 0 } }, found()).rate).toMatchObject({ before: 0, after: 59.5 });
  });

  test('waived since, or not any more', () => {
    expect(onlyChange(found(), found({ waived }))).toMatchObject({ change: 'same', waiver: 'given' });
    expect(onlyChange(found({ waived }), found())).toMatchObject({ change: 'same', waiver: 'ended' });
  });
});

describe('network namespaces', () => {
  const namespace = (id: string, owner: string, change: Partial<NamespaceResult> = {}): NamespaceResult => ({
    id,
    owner,
    container: null,
    findings: [firing(5)],
    verdicts: { 'tw-recycle': 'fail' },
    notChecked: {},
    ...change,
  });
  const well = { findings: [], verdicts: { 'tw-recycle': 'pass' } } as const;
  const host = (...namespaces: readonly NamespaceResult[]) => result('web01', { namespaces });

  test('a service that was restarted is the same, whatever its process and inode', () => {
    expect(onlyChange(host(namespace('1', 'nginx[1]')), host(namespace('9', 'nginx[77]')))).toMatchObject({
      change: 'same',
      owner: 'nginx[77]',
    });
  });

  test('one that is not there any more is not fixed', () => {
    expect(onlyChange(host(namespace('1', 'nginx[1]')), host())).toMatchObject({
      change: 'unknown',
      notLooked: 'namespace-not-seen',
    });
    expect(onlyChange(host(namespace('1', 'nginx[1]')), host(namespace('2', 'nginx[3]', well))).change).toBe('fixed');
  });

  test('of two of a kind each is compared with itself', () => {
    const before = host(namespace('1', 'nginx[1]'), namespace('2', 'nginx[2]', { findings: [firing(7)] }));
    const after = host(
      namespace('2', 'nginx[2]', { findings: [firing(8)] }),
      namespace('1', 'nginx[1]', { ...well, rates: { [paws]: 0 } }),
    );
    const changes = compare([before], [after]).hosts[0]?.findings;
    expect(changes?.map(({ change, rate }) => [change, rate?.before, rate?.after])).toEqual([
      ['same', 7, 8],
      ['fixed', 5, 0],
    ]);
  });
});

describe('findings about the fleet', () => {
  const drift = (hosts: readonly string[], waivedHosts: readonly string[] = []): FleetFinding => ({
    rule: 'config-drift',
    severity: 'medium',
    state: null,
    title: 'differs',
    because: 'It differs.',
    hosts,
    waivedHosts,
    evidence: [],
  });
  const hosts = [result('a'), result('b')];
  const kinds = (before: ComparedRun, after: ComparedRun) =>
    compareRuns(before, after, policy).hosts.flatMap(({ name, findings }) =>
      findings.map(({ change, waiver }) => [name, waiver ?? change]),
    );

  test('are compared host by host', () => {
    const before = comparedRun(hosts, { fleet: [drift(['a'])] });
    const after = comparedRun(hosts, { fleet: [drift(['b'])] });
    expect(kinds(before, after)).toEqual([
      ['a', 'fixed'],
      ['b', 'new'],
    ]);
    expect(kinds(before, comparedRun(hosts, { fleet: [drift([], ['a'])] }))).toEqual([['a', 'given']]);
  });

  test('are not known of a run that did not end', () => {
    expect(kinds(comparedRun(hosts, { fleet: [drift(['a'])] }), comparedRun(hosts, { crashed: true }))).toEqual([
      ['a', 'unknown'],
    ]);
  });
});

describe('settings', () => {
  const key = 'net.ipv4.tcp_tw_recycle';
  const boot = (value: string, file: string, line: number) => ({ value, boot: { value, file, line } });
  const changesOf = (before: ComparedRun, after: ComparedRun) =>
    compareRuns(before, after, policy).hosts[0]?.settings ?? [];

  test('drift with running value and with the line that decides at boot', () => {
    const before = comparedRun([result('a', { settings: { [key]: boot('1', '/etc/sysctl.conf', 17) } })]);
    const after = comparedRun([result('a', { settings: { [key]: boot('0', '/etc/sysctl.d/99.conf', 1) } })]);
    expect(changesOf(before, after)).toEqual([
      {
        key,
        running: { before: '1', after: '0' },
        boot: {
          before: { value: '1', file: '/etc/sysctl.conf', line: 17 },
          after: { value: '0', file: '/etc/sysctl.d/99.conf', line: 1 },
        },
      },
    ]);
  });

  test('drift also where no result shows them', () => {
    const of = (value: string | null) =>
      comparedRun([result('a')], { snapshots: { a: booted('x', { 'net.a': value }) } });
    expect(changesOf(of('1'), of('2'))).toEqual([{ key: 'net.a', running: { before: '1', after: '2' } }]);
    expect(changesOf(of('1'), of(null))).toEqual([]);
  });

  test('that are missing are gone only with another kernel', () => {
    const of = (kernel: string, settings: Record<string, string>) =>
      comparedRun([result('a', { kernel })], { snapshots: { a: booted('x', settings) } });
    expect(changesOf(of('3.10', { [key]: '1' }), of('3.10', {}))).toEqual([]);
    expect(changesOf(of('3.10', { [key]: '1' }), of('4.18', {}))).toEqual([
      { key, running: { before: '1', after: null } },
    ]);
    expect(changesOf(of('4.18', {}), of('3.10', { [key]: '1' }))).toEqual([
      { key, running: { before: null, after: '1' } },
    ]);
  });

  test('a file that was not read does not mean that no file sets a key', () => {
    const set = comparedRun([result('a', { settings: { [key]: boot('1', '/etc/sysctl.conf', 17) } })]);
    const without = (verdict: Verdict) =>
      comparedRun([
        result('a', { settings: { [key]: { value: '1' } }, verdicts: { 'tw-recycle-persisted': verdict } }),
      ]);
    expect(changesOf(set, without('notchecked'))).toEqual([]);
    expect(changesOf(set, without('pass'))[0]?.boot?.after).toBeNull();
  });
});

describe('hosts', () => {
  test('are gone, added, lost, regained', () => {
    const { summary, hosts } = compare(
      [result('gone'), result('lost'), failed('back', 'unreachable'), result('stays'), failed('never', 'timed-out')],
      [failed('lost', 'timed-out'), result('back'), result('added'), result('stays'), failed('never', 'timed-out')],
    );
    expect(summary.hosts).toEqual({ both: 4, gone: 1, added: 1, lost: 1, regained: 1, rebooted: 0 });
    expect(hosts.map(({ name, reach }) => [name, reach])).toEqual([
      ['gone', null],
      ['lost', 'lost'],
      ['back', 'regained'],
      ['never', null],
      ['added', null],
    ]);
  });

  test('rebooted: by the boot id alone', () => {
    const at = (bootId: string) => comparedRun([result('a')], { snapshots: { a: booted(bootId) } });
    expect(compareRuns(at('1'), at('2'), policy).hosts[0]?.rebooted).toBe(true);
    expect(compareRuns(at('1'), at('1'), policy).hosts).toEqual([]);
    expect(compareRuns(at('1'), comparedRun([recycling('a', 1)]), policy).hosts[0]?.rebooted).toBeNull();
  });
});

test('rates are summed over hosts that both runs measured; what is missing is not 0', () => {
  const rated = (name: string, rate?: number) => result(name, rate === undefined ? {} : { rates: { [paws]: rate } });
  const { rates, hosts } = compare(
    [rated('a', 59.5), rated('b', 0.25), rated('c', 7), rated('d', 0)],
    [rated('a', 0), rated('b', 0), rated('c'), rated('d', 0)],
  );
  expect(rates).toEqual([{ field: paws, hosts: 3, before: 59.75, after: 0 }]);
  expect(hosts.map(({ name, rates: [rate] }) => [name, rate?.before, rate?.after])).toEqual([
    ['a', 59.5, 0],
    ['b', 0.25, 0],
    ['c', 7, null],
  ]);
});

describe('exit code', () => {
  test.each<
    [number, string, readonly HostResult[], readonly HostResult[], Partial<typeof policy> | { failOn: 'never' }]
  >([
    [1, 'a new finding', [clean()], [found()], {}],
    [1, 'one that grew to it', [found({ severity: 'medium', state: 'latent' })], [found()], {}],
    [1, 'one whose waiver ran out', [found({ waived })], [found()], {}],
    [0, 'still open', [found()], [found()], {}],
    [0, 'new and waived', [clean()], [found({ waived })], {}],
    [0, 'new below', [clean()], [found({ severity: 'low' })], {}],
    [0, 'new, and it does not matter', [clean()], [found()], { failOn: 'never' }],
    [3, 'a host is lost', [clean()], [failed('web01', 'unreachable')], {}],
    [1, 'findings come before lost hosts', [clean()], [found(), failed('x', 'unreachable')], {}],
    [0, 'it was lost before, and is not now', [failed('web01', 'unreachable')], [clean()], {}],
  ])('%i: %s', (exitCode, _why, before, after, change) => {
    const { summary } = compareRuns(comparedRun(before), comparedRun(after), { ...policy, ...change });
    expect(summary.exitCode).toBe(exitCode);
  });

  test('3 where the later run did not end, unless that is allowed', () => {
    const crashed = comparedRun([clean()], { crashed: true });
    expect(compareRuns(comparedRun([clean()]), crashed, policy).summary.exitCode).toBe(3);
    expect(compareRuns(comparedRun([clean()]), crashed, { ...policy, allowIncomplete: true }).summary.exitCode).toBe(0);
  });
});

describe('what makes runs hard to compare is said', () => {
  const rated = { ...clean(), rates: { [paws]: 0 } };
  test.each<[string, ComparedRun, ComparedRun]>([
    ['the later by readiness', comparedRun([rated]), comparedRun([rated], { info: { profile: 'readiness' } })],
    ['of versions 0.1.0 and 0.2.0', comparedRun([rated]), comparedRun([rated], { info: { version: '0.2.0' } })],
    ['no host in common', comparedRun([rated]), comparedRun([result('other')])],
    ['different subjects', comparedRun([rated]), comparedRun([rated], { info: { subject: 'demo' } })],
    ['took one sample', comparedRun([rated]), comparedRun([clean()], { info: { intervalMs: 0 } })],
    ['rates of findings only', comparedRun([clean()]), comparedRun([rated])],
    ['over 2 s and 60 s', comparedRun([rated]), comparedRun([rated], { info: { intervalMs: 60_000 } })],
    ['did not end', comparedRun([rated], { crashed: true }), comparedRun([rated])],
    ['the newer one', comparedRun([rated]), comparedRun([rated], { info: { startedAt: '2020-01-01T00:00:00.000Z' } })],
  ])('%s', (words, before, after) => {
    expect(compareRuns(before, after, policy).remarks.join('\n')).toContain(words);
  });

  test('and nothing where nothing is', () => {
    expect(compareRuns(comparedRun([rated]), comparedRun([rated]), policy).remarks).toEqual([]);
  });
});

describe('whatever two runs hold', () => {
  const rules = ['tw-recycle', 'rfc1337', '__proto__'];
  const finding = fc.record({
    rule: fc.constantFrom(...rules),
    severity: fc.constantFrom('critical', 'high', 'low'),
    state: fc.constantFrom('firing', 'fired', 'latent', null),
    waived: fc.constantFrom(null, null, waived),
  });
  const verdicts = fc
    .array(fc.tuple(fc.constantFrom(...rules), fc.constantFrom<Verdict>('pass', 'notchecked', 'notapplicable')))
    .map(entries => Object.fromEntries(entries));
  const findings = fc
    .array(finding, { maxLength: 3 })
    .map(list => list.map(change => firing(1, change as Partial<Finding>)));
  const namespaces = fc.array(
    fc.record({
      id: fc.constantFrom('1', '2'),
      owner: fc.constantFrom('nginx[1]', 'nginx[2]', 'db[1]'),
      container: fc.constantFrom(null, 'c1'),
      findings,
      verdicts,
      notChecked: fc.constant({}),
    }),
    { maxLength: 3 },
  );
  const host = (name: string): fc.Arbitrary<HostResult | null> =>
    fc.oneof(
      fc.constant(null),
      fc.constant(failed(name, 'unreachable')),
      fc
        .record({ findings, verdicts, namespaces, rates: fc.constantFrom({ [paws]: 0 }, { constructor: 1 }) })
        .map(change => result(name, change as unknown as Partial<HostResult>)),
    );
  const run = fc.tuple(host('a'), host('b'), host('__proto__'), fc.boolean()).map(([a, b, c, crashed]) =>
    comparedRun(
      [a, b, c].filter(each => each !== null),
      { crashed },
    ),
  );

  const counts = (before: ComparedRun, after: ComparedRun) => {
    const all: Record<string, number> = {};
    for (const { findings } of compareRuns(before, after, policy).hosts)
      for (const { change } of findings) all[change] = (all[change] ?? 0) + 1;
    return all;
  };
  const totalOf = ({ results }: ComparedRun) =>
    [...results.values()].reduce(
      (sum, { findings, namespaces }) =>
        sum + findings.length + namespaces.reduce((n, namespace) => n + namespace.findings.length, 0),
      0,
    );

  test('a run compared with itself has nothing but what is the same', () => {
    fc.assert(
      fc.property(run, each => {
        expect(Object.keys(counts(each, each)).filter(change => change !== 'same')).toEqual([]);
        const { hosts, summary } = compareRuns(each, each, { ...policy, allowIncomplete: true });
        expect(hosts.flatMap(({ settings }) => settings)).toEqual([]);
        expect(summary.exitCode).toBe(0);
      }),
    );
  });

  test('every finding of either run is told exactly once', () => {
    fc.assert(
      fc.property(run, run, (before, after) => {
        const all = compareRuns(before, after, policy).hosts.flatMap(({ findings }) => findings);
        expect(all.filter(change => change.before !== null)).toHaveLength(totalOf(before));
        expect(all.filter(change => change.after !== null)).toHaveLength(totalOf(after));
        expect(all.every(({ before, after }) => before !== null || after !== null)).toBe(true);
      }),
    );
  });

  test('the other way round fixed is new, worse is better, unknown is first seen', () => {
    const mirror: Readonly<Record<string, string>> = {
      fixed: 'new',
      new: 'fixed',
      worse: 'better',
      better: 'worse',
      unknown: 'first-seen',
      'first-seen': 'unknown',
    };
    fc.assert(
      fc.property(run, run, (before, after) => {
        const mirrored = Object.fromEntries(
          Object.entries(counts(after, before)).map(([change, n]) => [mirror[change] ?? change, n]),
        );
        expect(counts(before, after)).toEqual(mirrored);
      }),
    );
  });
});
