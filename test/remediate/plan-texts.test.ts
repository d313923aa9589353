import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { PlannedCohort, RemediationPlan } from '../../src/model/remediation.ts';
import { playbook } from '../../src/remediate/ansible.ts';
import { readme } from '../../src/remediate/readme.ts';
import { sysctlD } from '../../src/remediate/sysctl-d.ts';
import { markdownCode, markdownText } from '../../src/text/markdown.ts';
import fc from '../fast-check.ts';
import { hostileTexts } from '../report/hostile.ts';

const recycle = 'net.ipv4.tcp_tw_recycle';

const cohort: PlannedCohort = {
  id: 'c1-tw-recycle',
  changes: [
    {
      key: recycle,
      from: '1',
      to: '0',
      rules: ['tw-recycle'],
      severity: 'critical',
      summary: 'net.ipv4.tcp_tw_recycle=0, keep tcp_timestamps=1.',
      risk: 'TIME_WAIT lasts 60 s again.',
      because: 'web01: SYNs are being dropped now.',
    },
  ],
  hosts: ['web01', 'web02'].map(name => ({
    name,
    hostname: name,
    kernel: '3.10.0-1160.el7.x86_64',
    boot: { [recycle]: { value: '1', file: '/etc/sysctl.d/30-tuning.conf', line: 4 } },
  })),
};

const plan: Omit<RemediationPlan, 'files'> = {
  schema: 'synaudit/plan/1',
  id: '20261123T010203Z-0a1b2c',
  createdAt: '2026-11-23T01:02:03.000Z',
  version: '0.1.0',
  run: { id: '20261122T194947Z-3f9c01', startedAt: '2026-11-22T19:49:47.000Z', subject: 'inventory.yaml' },
  cohorts: [cohort],
  byHand: [
    { rule: 'md5-mismatch', severity: 'low', hosts: 'db1', summary: 'Agree on keys.', risk: 'none', why: 'No key.' },
  ],
  leftOut: { waived: 2, notAudited: 'old[1-2]' },
};

/** The plan with this text wherever a host or a file could have put it. */
const saying = (text: string): Omit<RemediationPlan, 'files'> => {
  const [change] = cohort.changes as [PlannedCohort['changes'][number]];
  const said = {
    ...cohort,
    changes: [
      { ...change, rules: [text], summary: text, risk: text, because: text, insteadOf: [{ rule: text, to: '1' }] },
    ],
    hosts: cohort.hosts.map(host => ({
      ...host,
      name: `${text}${host.name}`,
      kernel: text,
      boot: { [recycle]: { value: text.slice(0, 256), file: text.slice(0, 1_024), line: 4 } }, // as draftPlan cuts them
    })),
  };
  return {
    ...plan,
    run: { id: text, startedAt: text, subject: text },
    cohorts: [said],
    byHand: plan.byHand.map(row => ({ ...row, rule: text, hosts: text, summary: text, why: text, risk: text })),
    leftOut: { waived: 0, notAudited: text },
  };
};

/** What ends a comment, an item or a text somewhere. */
const breaking = ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', '\0'];

const anything = fc.oneof(
  fc.constantFrom(...breaking).map(end => `a${end}kernel.panic = 1${end}# b${end}- hosts: all`),
  fc.constantFrom(...hostileTexts.map(text => text.slice(0, 4_096))),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

describe('README.md', () => {
  test('says what, where, why, risk, how to review, apply, verify and undo, and what is left', () => {
    const text = readme(plan);
    for (const part of [
      '# Change of kernel settings on 2 hosts',
      '- Hosts: `web[01-02]`',
      '- `net.ipv4.tcp_tw_recycle`: `1` becomes `0`, running and at boot',
      'SYNs are being dropped now',
      'TIME\\_WAIT lasts 60 s again',
      'Set at boot by `/etc/sysctl.d/30-tuning.conf:4 (= 1)` on `web[01-02]`',
      '## How to review',
      '## How to apply',
      'sh scripts/c1-tw-recycle.sh --check',
      'synaudit rollout .',
      'ansible-playbook -i INVENTORY ansible/playbook.yml --check',
      '## How to verify',
      '## How to undo',
      '/var/lib/synaudit/20261123T010203Z-0a1b2c/',
      'By hand: `md5-mismatch` (low) on `db1`',
      '2 findings left out because of waivers',
      'Not audited, hence not in this plan: `old[1-2]`',
    ])
      expect(text).toContain(part);
  });

  test('hosts that a script cannot tell apart, and that the playbook cannot name, are said', () => {
    const hosts = cohort.hosts.map(host => ({ ...host, name: `${host.name}*`, hostname: 'localhost' }));
    const text = readme({ ...plan, cohorts: [{ ...cohort, hosts }] });
    expect(text).toContain('call themselves `localhost`: a script cannot tell them apart');
    expect(text).toContain('a script takes any host called localhost for one of them');
    expect(text).toContain('Not in the playbook, because Ansible reads such a name as a pattern: `web01*`, `web02*`');
  });

  test('no text of a host begins a line, makes markup or hides something', () => {
    const shape = (text: string) =>
      readme(saying(text))
        .split('\n')
        .map(line => /^ *(?:[-#]+ [A-Z]?)?/.exec(line)?.[0]);
    const expected = shape('x*'); // a name that is not in the playbook, either way
    fc.assert(
      fc.property(anything, text => {
        expect(shape(`x*${text}`)).toEqual(expected);
        expect(readme(saying(text))).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('text in Markdown', () => {
  test.each([
    ['<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
    ['**bold** _and_ `code`', '\\*\\*bold\\*\\* \\_and\\_ \\`code\\`'],
    ['[click](http://x)', '\\[click\\](http\\://x)'],
    ['www.example.com', 'www\\.example.com'],
    ['a@b.c', 'a\\@b.c'],
    ['one\n# two', 'one \\# two'],
    ['&lt; \\', '\\&lt; \\\\'],
  ])('%j', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });

  test.each([
    ['web[01-12]', '`web[01-12]`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a``b`', '``` a``b` ```'],
    ['', '–'],
    [' \n', '–'],
  ])('%j as code', (text, expected) => {
    expect(markdownCode(text)).toBe(expected);
  });

  test('the fence of code is in no text that it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ') }), text => {
        const [, fence, inside] = /^(`+)([\s\S]*)\1$/.exec(markdownCode(`x${text}y`)) ?? [];
        expect(inside).toBe(`x${text}y`);
        expect(inside?.match(/`+/g) ?? []).not.toContain(fence);
      }),
    );
  });
});

/** As a sysctl program reads a file: comments out, assignments in. */
const assignments = (text: string): string[] =>
  text.split('\n').filter(line => line.trim() !== '' && !/^\s*[#;]/.test(line));

describe('sysctl.d', () => {
  test('holds the keys, says on which hosts and what for, and no line is too long for an old procps', () => {
    const many = Array.from({ length: 400 }, (_, index) => ({
      ...cohort.hosts[0],
      name: `h${index}x${(index * 7) % 13}`,
    }));
    const text = sysctlD(plan, { ...cohort, hosts: many as PlannedCohort['hosts'] });
    expect(assignments(text)).toEqual([`${recycle} = 0`]);
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThan(120);
    expect(text).toContain('(critical: tw-recycle)');
    expect(text).toContain('/etc/sysctl.d/zz-synaudit-c1-tw-recycle.conf');
  });

  test.each<[file: string, value: string, isWarned: boolean]>([
    ['/etc/sysctl.d/30-tuning.conf', '1', false],
    ['/usr/lib/sysctl.d/50-default.conf', '1', false],
    ['/etc/sysctl.d/zzz.conf', '1', true],
    ['/usr/lib/sysctl.d/~late.conf', '1', true],
    ['/etc/sysctl.conf', '1', true],
    ['/etc/sysctl.conf', '0', false],
    ['/etc/ufw/sysctl.conf', '1', true],
    ['/etc/rc.local', '1', true],
    ['/proc/cmdline', '1', false],
  ])('%s (= %s) is warned of: %s', (file, value, isWarned) => {
    const hosts = cohort.hosts.map(host => ({ ...host, boot: { [recycle]: { value, file, line: 7 } } }));
    const text = sysctlD(plan, { ...cohort, hosts });
    expect(text.includes('WARNING')).toBe(isWarned);
    expect(text.includes(`${file}:7 (= ${value}), on web[01-02]`)).toBe(isWarned);
  });

  test('no text of a host becomes a setting', () => {
    fc.assert(
      fc.property(anything, text => {
        const given = saying(text);
        expect(assignments(sysctlD(given, given.cohorts[0] as PlannedCohort))).toEqual([`${recycle} = 0`]);
      }),
      { numRuns: 60 },
    );
  });
});

interface Play {
  readonly hosts: readonly string[];
  readonly tasks: readonly Record<string, unknown>[];
}

describe('the playbook', () => {
  test('one play per cohort, its hosts by name, its script asked, run and verified', () => {
    const plays = parse(playbook(plan)) as Play[];
    expect(plays.map(({ hosts }) => hosts)).toEqual([['web01', 'web02']]);
    expect(plays[0]?.tasks.map(task => (task['ansible.builtin.script'] as { cmd?: string } | undefined)?.cmd)).toEqual([
      '../scripts/c1-tw-recycle.sh --check',
      undefined,
      '../scripts/c1-tw-recycle.sh --apply',
      '../scripts/c1-tw-recycle.sh --verify',
    ]);
  });

  test('names that YAML would read as something else stay names', () => {
    const names = ['1e3', 'no', '012', '10.0.0.7', 'null', '2026-11-23'];
    const hosts = names.map(name => ({ ...cohort.hosts[0], name })) as PlannedCohort['hosts'];
    const plays = parse(playbook({ ...plan, cohorts: [{ ...cohort, hosts }] })) as Play[];
    expect(plays[0]?.hosts).toEqual(names);
  });

  test('a name that Ansible reads as a pattern or a template is left out, whatever it is', () => {
    const odd = ['web*', 'all', '!web01', '&web', 'a:b', 'a,b', '~w.*', 'web[0]', '{{ x }}', 'a\n- b', '-x', ''];
    const hosts = [...odd, 'web01'].map(name => ({ ...cohort.hosts[0], name })) as PlannedCohort['hosts'];
    const plays = parse(playbook({ ...plan, cohorts: [{ ...cohort, hosts }] })) as Play[];
    expect(plays.map(({ hosts }) => hosts)).toEqual([['web01']]);
  });

  test('where no host can be named it is an empty list', () => {
    const hosts = cohort.hosts.map(host => ({ ...host, name: 'a:b' }));
    expect(parse(playbook({ ...plan, cohorts: [{ ...cohort, hosts }] }))).toEqual([]);
  });

  test('no text of a host makes a task, a play or a template', () => {
    fc.assert(
      fc.property(anything, text => {
        const played = playbook(saying(text));
        const plays = parse(played) as Play[];
        expect(plays.flatMap(({ tasks }) => tasks.map(({ name }) => name))).toEqual(
          plays.length === 0 ? [] : (parse(playbook(plan)) as Play[])[0]?.tasks.map(({ name }) => name),
        );
        expect(played.replace(/^ *#.*$/gm, '').match(/\{\{/g)?.length ?? 0).toBe(plays.length);
      }),
      { numRuns: 60 },
    );
  });
});
