import { describe, expect, test } from 'vitest';
import type { Finding, Remedy } from '../../src/model/rule.ts';
import { type FleetFinding, type HostResult, madeOnHost } from '../../src/model/run.ts';
import { type Asked, everything } from '../../src/remediate/asked.ts';
import { draftPlan } from '../../src/remediate/plan.ts';
import { failed, firing, recycling, result } from '../report/results.ts';

const recycle = 'net.ipv4.tcp_tw_recycle';
const somaxconn = 'net.core.somaxconn';

const remedy = (set: Record<string, string>): Remedy => ({ summary: 'Raise it.', set, risk: 'memory', undo: {} });

const finding = (rule: string, set: Record<string, string>, change: Partial<Finding> = {}): Finding =>
  firing(1, { rule, severity: 'medium', remedy: remedy(set), ...change });

/** A host with findings and running values. */
const host = (
  name: string,
  findings: readonly Finding[],
  values: Readonly<Record<string, string | null>>,
  change: Partial<HostResult> = {},
): HostResult =>
  result(name, {
    findings,
    settings: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])),
    ...change,
  });

const draft = (results: readonly HostResult[], asked: Partial<Asked> = {}) =>
  draftPlan(results, { ...everything, ...asked });

describe('cohorts', () => {
  test('hosts that need the same change share one, with what each is, and who sets the key there at boot', () => {
    const { cohorts, byHand } = draft([recycling('web02', 9, 17), recycling('web01', 59.5)]);
    expect(cohorts).toHaveLength(1);
    expect(cohorts[0]).toMatchObject({
      id: 'c1-tw-recycle',
      changes: [{ key: recycle, from: '1', to: '0', rules: ['tw-recycle'], severity: 'critical' }],
      hosts: [
        {
          name: 'web01',
          hostname: 'web01',
          kernel: '3.10.0-1160.el7.x86_64',
          boot: { [recycle]: { value: '1', file: '/etc/sysctl.d/30-tuning.conf', line: 4 } },
        },
        { name: 'web02', boot: { [recycle]: { line: 17 } } },
      ],
    });
    expect(byHand).toEqual([]);
  });

  test('another running value, another cohort; the worst first, then the largest; ids do not depend on the order', () => {
    const small = (name: string, value: string) =>
      host(name, [finding('accept-queue-overflow', { [somaxconn]: '4096' })], { [somaxconn]: value });
    const hosts = [small('a1', '128'), small('b1', '511'), small('b2', '511'), recycling('web01', 1)];
    const ids = [
      ['c1-tw-recycle', ['web01']],
      ['c2-accept-queue-overflow', ['b1', 'b2']],
      ['c3-accept-queue-overflow', ['a1']],
    ];
    const shown = (results: readonly HostResult[]) =>
      draft(results).cohorts.map(({ id, hosts }) => [id, hosts.map(({ name }) => name)]);
    expect(shown(hosts)).toEqual(ids);
    expect(shown([...hosts].reverse())).toEqual(ids);
  });

  test('tabs and blanks in values of several numbers do not tell hosts apart', () => {
    const key = 'net.ipv4.ip_local_port_range';
    const wide = finding('port-exhaustion', { [key]: '1024\t65535' });
    const { cohorts } = draft([
      host('a', [wide], { [key]: '32768\t60999' }),
      host('b', [wide], { [key]: '32768  60999' }),
    ]);
    expect(cohorts.map(({ changes }) => changes.map(({ from, to }) => [from, to]))).toEqual([
      [['32768 60999', '1024 65535']],
    ]);
  });

  test('two rules that agree are both named; of two that do not, the more severe one wins, and it is said', () => {
    const { cohorts } = draft([
      host(
        'a',
        [
          finding('small', { [somaxconn]: '1024' }, { severity: 'low' }),
          finding('large', { [somaxconn]: '4096' }, { severity: 'high' }),
          finding('also', { [somaxconn]: '4096' }, { severity: 'medium' }),
        ],
        { [somaxconn]: '128' },
      ),
    ]);
    expect(cohorts[0]?.changes).toEqual([
      expect.objectContaining({
        to: '4096',
        severity: 'high',
        rules: ['large', 'also'],
        insteadOf: [{ rule: 'small', to: '1024' }],
      }),
    ]);
  });

  test('a value that runs already is planned where a file would change it at boot, and only there', () => {
    const persisted = finding('tw-recycle-persisted', { [recycle]: '0' });
    const at = (boot: string | null): HostResult =>
      result('db1', {
        findings: [persisted],
        settings: {
          [recycle]: { value: '0', ...(boot !== null && { boot: { value: boot, file: '/etc/sysctl.conf', line: 1 } }) },
        },
      });
    expect(draft([at('1')]).cohorts[0]?.changes).toMatchObject([{ from: '0', to: '0' }]);
    for (const boot of ['0', null]) {
      expect(draft([at(boot)])).toMatchObject({ cohorts: [], byHand: [{ why: expect.stringContaining('already') }] });
    }
  });
});

describe('filters', () => {
  const hosts = [
    host(
      'a',
      [
        finding('tw-recycle', { [recycle]: '0' }, { severity: 'critical' }),
        finding('accept-queue-overflow', { [somaxconn]: '4096', 'net.ipv4.tcp_max_syn_backlog': '4096' }),
        finding('md5-mismatch', {}, { severity: 'low' }),
      ],
      { [recycle]: '1', [somaxconn]: '128', 'net.ipv4.tcp_max_syn_backlog': '256' },
    ),
  ];
  const all = [recycle, somaxconn, 'net.ipv4.tcp_max_syn_backlog'];
  test.each<[string, Partial<Asked>, readonly string[], number]>([
    ['none', {}, all, 1],
    ['a rule', { rules: ['accept-queue-overflow'] }, all.slice(1), 0],
    ['two rules', { rules: ['tw-recycle', 'md5-mismatch'] }, [recycle], 1],
    ['a severity and worse', { severity: 'medium' }, all, 0],
    ['the worst severity', { severity: 'critical' }, [recycle], 0],
    ['a key', { keys: [somaxconn] }, [somaxconn], 0],
    ['a key that nothing asks for', { keys: ['net.ipv4.tcp_fin_timeout'] }, [], 0],
  ])('%s', (_name, asked, keys, byHand) => {
    const drafted = draft(hosts, asked);
    const planned = drafted.cohorts.flatMap(({ changes }) => changes.map(({ key }) => key));
    expect(planned.sort()).toEqual([...keys].sort());
    expect(drafted.byHand).toHaveLength(byHand);
  });
});

describe('left to people, with the reason', () => {
  const asking = finding('accept-queue-overflow', { [somaxconn]: '4096' });
  test.each<[string, HostResult, RegExp]>([
    ['no key clears it', host('a', [finding('md5-mismatch', {})], {}), /no change of a sysctl key/],
    ['no remedy at all', host('a', [finding('legacy-ssh', {}, { remedy: null })], {}), /no change of a sysctl key/],
    ['the host does not have the key', host('a', [asking], {}), /do not have net\.core\.somaxconn/],
    ['the key is in a file only', host('a', [asking], { [somaxconn]: null }), /do not have net\.core\.somaxconn/],
    ['an old run', host('a', [asking], { [somaxconn]: '128' }, { hostname: null }), /audit them again/],
    ['no usable name', host('a', [asking], { [somaxconn]: '128' }, { hostname: '(none)' }), /no usable host name/],
    ['a name with a line break', host('a', [asking], { [somaxconn]: '128' }, { hostname: 'a\nb' }), /no usable host/],
    ['a value that is none', host('a', [asking], { [somaxconn]: '$(reboot)' }), /running value of net\.core/],
    [
      'a key that leads upwards',
      host('a', [finding('x', { 'net.ipv4.conf.//.x': '1' })], { 'net.ipv4.conf.//.x': '0' }),
      /not of a shape/,
    ],
    [
      'a line of a package behind all sysctl files',
      result('a', {
        findings: [asking],
        settings: {
          [somaxconn]: { value: '128', boot: { value: '128', file: '/usr/lib/tuned/web/tuned.conf', line: 12 } },
        },
      }),
      /\/usr\/lib\/tuned\/web\/tuned\.conf:12 .* copy its profile to \/etc\/tuned/,
    ],
  ])('%s', (_name, given, why) => {
    const { cohorts, byHand } = draft([given]);
    expect(cohorts).toEqual([]);
    expect(byHand).toEqual([expect.objectContaining({ hosts: 'a', why: expect.stringMatching(why) })]);
  });

  test.each([
    '/etc/sysctl.conf',
    '/etc/tuned/web/tuned.conf',
    '/usr/lib/sysctl.d/50-default.conf',
    '/lib/sysctl.d/x.conf',
    '/usr/local/lib/sysctl.d/x.conf',
    '/run/sysctl.d/x.conf',
    '/proc/cmdline',
  ])('a line of %s is no reason', file => {
    const settings = { [somaxconn]: { value: '128', boot: { value: '128', file, line: 1 } } };
    expect(draft([result('a', { findings: [asking], settings })]).cohorts).toHaveLength(1);
  });

  test('a remedy with a key that the host lacks is planned for the others', () => {
    const both = finding('port-exhaustion', { 'net.ipv4.tcp_tw_reuse': '1', 'net.ipv4.tcp_gone': '1' });
    const { cohorts, byHand } = draft([host('a', [both], { 'net.ipv4.tcp_tw_reuse': '0' })]);
    expect(cohorts[0]?.changes.map(({ key }) => key)).toEqual(['net.ipv4.tcp_tw_reuse']);
    expect(byHand.map(({ why }) => why)).toEqual([expect.stringContaining('net.ipv4.tcp_gone')]);
  });

  test('hosts with the same reason are one row, folded', () => {
    const hosts = ['web01', 'web02', 'web03'].map(name => host(name, [asking], {}));
    expect(draft(hosts).byHand.map(({ hosts }) => hosts)).toEqual(['web[01-03]']);
  });

  test('waived ones are counted, hosts that were not audited are named', () => {
    const waived = { reason: 'known', expires: '2027-01-01' };
    const drafted = draft([
      host('a', [{ ...asking, waived }], { [somaxconn]: '128' }),
      failed('old1', 'unreachable'),
      failed('old2', 'auth-failed'),
    ]);
    expect(drafted).toEqual({ cohorts: [], byHand: [], leftOut: { waived: 1, notAudited: 'old[1-2]' } });
  });
});

test('what differs between hosts is for people to decide; only with hosts that were asked for', () => {
  const drift: FleetFinding = {
    rule: 'config-drift',
    severity: 'medium',
    state: null,
    title: 'somaxconn differs',
    because: 'On web02: somaxconn is 128.',
    hosts: ['web02', 'db1'],
    waivedHosts: [],
    evidence: [],
  };
  const hosts = [result('web01'), result('web02')];
  expect(draftPlan(hosts, everything, [drift]).byHand).toEqual([
    expect.objectContaining({ rule: 'config-drift', hosts: 'web02', summary: expect.stringContaining('is 128') }),
  ]);
  expect(draftPlan([result('web01')], everything, [drift]).byHand).toEqual([]);
  expect(draftPlan(hosts, { ...everything, severity: 'high' }, [drift]).byHand).toEqual([]);
  expect(draftPlan(hosts, { ...everything, keys: [somaxconn] }, [drift]).byHand).toEqual([]);
});

describe('namespaces of containers', () => {
  const inside = (owner: string, container: string | null, found: Finding): HostResult =>
    result('k8s1', {
      settings: { [somaxconn]: { value: '128' } },
      namespaces: [{ id: '4026532281', owner, container, findings: [found], verdicts: {}, notChecked: {} }],
    });
  const asking = finding('accept-queue-overflow', { [somaxconn]: '4096' });

  test.each<[string, HostResult, RegExp]>([
    [
      'a container',
      inside('nginx[4711]', '3f2a0b9c1d2e', asking),
      /docker run --sysctl net\.core\.somaxconn=4096; .*securityContext/,
    ],
    ['a unit', inside('nginx[4711]', null, asking), /PrivateNetwork=/],
    [
      'a namespace by name',
      inside('netns blue', null, asking),
      /ip netns exec blue sysctl -w net\.core\.somaxconn=4096/,
    ],
  ])('%s: where it is set instead, and never in a script', (_name, given, why) => {
    const { cohorts, byHand } = draft([given]);
    expect(cohorts).toEqual([]);
    expect(byHand).toEqual([expect.objectContaining({ why: expect.stringMatching(why) })]);
  });

  test('the number of the process does not keep hosts apart', () => {
    const one = inside('nginx[4711]', 'aaaaaaaaaaaa', asking);
    const other = { ...inside('nginx[99]', 'bbbbbbbbbbbb', asking), name: 'k8s2' };
    expect(draft([one, other]).byHand.map(({ hosts }) => hosts)).toEqual(['k8s[1-2]']);
  });

  test('a setting that the kernel has only once is made on the host', () => {
    const once = { ...asking, remedy: { ...remedy({ [somaxconn]: '4096' }), summary: `Raise it. ${madeOnHost}` } };
    const { cohorts } = draft([inside('nginx[4711]', 'aaaaaaaaaaaa', once)]);
    expect(cohorts.map(({ changes }) => changes.map(({ key }) => key))).toEqual([[somaxconn]]);
  });
});
