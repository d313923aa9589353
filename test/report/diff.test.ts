import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/history/diff.ts';
import type { RunDiff } from '../../src/model/diff.ts';
import type { HostResult } from '../../src/model/run.ts';
import { diffSinks } from '../../src/report/diff/index.ts';
import { diffDocument, diffJsonSchema } from '../../src/report/diff/schema.ts';
import { booted, type Circumstances, comparedRun } from '../history/compared-runs.ts';
import { failing, hostileTexts, saying } from './hostile.ts';
import { failed, recycling, result } from './results.ts';

const paws = 'TcpExt.PAWSPassive';
const key = 'net.ipv4.tcp_tw_recycle';

function rendered(format: keyof typeof diffSinks, diff: RunDiff, verbose = false): string {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  diffSinks[format](diff, { write, width: 80, color: false, verbose, next: ['synaudit report'] });
  return text;
}

const compare = (
  before: readonly HostResult[],
  after: readonly HostResult[],
  [was, is]: readonly [Circumstances, Circumstances] = [{}, {}],
) => compareRuns(comparedRun(before, was), comparedRun(after, is), { failOn: 'high', allowIncomplete: false });

const fixed = (name: string): HostResult =>
  result(name, {
    kernel: '3.10.0-1160.el7.x86_64',
    verdicts: { 'tw-recycle': 'pass' },
    rates: { [paws]: 0 },
    settings: { [key]: { value: '0', boot: { value: '0', file: '/etc/sysctl.d/zz-synaudit.conf', line: 2 } } },
  });

const names = Array.from({ length: 12 }, (_, i) => `web${String(i + 1).padStart(2, '0')}`);

describe('the table', () => {
  const rollout = compare(
    [...names.map(name => recycling(name, 59.5)), recycling('old1', 2), result('gw1')],
    [...names.map(fixed), recycling('old1', 3), failed('gw1', 'unreachable')],
  );

  test('folds what is fixed, with the rate before and after', () => {
    const text = rendered('table', rollout).replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'fixed critical tw-recycle · firing 12 hosts web[01-12] PAWSPassive 714/s → 0/s over 12 hosts.',
    );
    expect(text).toContain('still open critical tw-recycle · firing 1 host old1 PAWSPassive 2/s → 3/s.');
    expect(text).toContain(
      `setting ${key} 12 hosts web[01-12] Running: 1 → 0. At boot: 1 by /etc/sysctl.d/30-tuning.conf:4 → 0 by /etc/sysctl.d/zz-synaudit.conf:2.`,
    );
    expect(text).toContain('no longer reachable 1 host gw1 unreachable: connection refused');
    expect(text).toContain('12 findings fixed, 0 new, 1 still open. PAWSPassive, SYNs that recycle drops: 716/s → 3/s');
    expect(text.trimEnd().endsWith('Next: synaudit report')).toBe(true);
  });

  test('tells what is new first, and why', () => {
    const text = rendered('table', compare([fixed('a'), recycling('b', 1)], [recycling('a', 5), fixed('b')]));
    expect(text.indexOf('NEW')).toBeGreaterThan(0);
    expect(text.indexOf('NEW')).toBeLessThan(text.indexOf('fixed  '));
    expect(text).toContain('SYNs are being dropped now');
  });

  test('says that a reboot alone ends a finding since boot', () => {
    const fired = recycling('a', 0);
    const before = { ...fired, findings: fired.findings.map(finding => ({ ...finding, state: 'fired' })) };
    const boots = [{ snapshots: { a: booted('1') } }, { snapshots: { a: booted('2') } }] as const;
    expect(rendered('table', compare([before], [fixed('a')], boots))).toContain('It rebooted, which sets totals back');
    expect(rendered('table', compare([before], [fixed('a')]))).not.toContain('rebooted');
  });

  test('never says 0 for what was not measured', () => {
    const { rates: _, ...unmeasured } = fixed('a');
    const text = rendered('table', compare([recycling('a', 59.5)], [unmeasured]));
    expect(text).toContain('PAWSPassive was 59.5/s; the later run kept no rate of it.');
  });

  test('a run that audited no host found nothing, and says so', () => {
    const lost = [failed('a', 'unreachable')];
    const says = (before: readonly HostResult[], after: readonly HostResult[]) =>
      rendered('table', compare(before, after)).replaceAll(/\s+/g, ' ');
    expect(says([result('a')], lost)).toContain('The later run audited no host: nothing can be compared.');
    expect(says(lost, [result('a')])).toContain('The earlier run audited no host: nothing can be compared.');
    expect(says(lost, lost)).not.toContain('Neither run found');
    expect(says([result('a')], [result('a')])).toContain('Neither run found anything that is not waived.');
  });

  test('counts network namespaces where a host has several', () => {
    const inside = (id: string, perSecond: number) => ({
      id,
      owner: `nginx[${id}]`,
      container: null,
      findings: recycling('a', perSecond).findings,
      verdicts: {},
      notChecked: {},
    });
    const host = (...rates: readonly number[]) =>
      result('a', { namespaces: rates.map((perSecond, i) => inside(String(i), perSecond)) });
    const text = rendered('table', compare([host(1, 2, 4)], [host(2, 4, 8)]));
    expect(text).toMatch(/firing in nginx +1 host +a\n/);
    expect(text).toContain('PAWSPassive 7/s → 14/s over 3 network namespaces.');
  });

  test('no line is longer than the screen', () => {
    for (const line of rendered('table', rollout).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('json', () => {
  test('is what the schema says', () => {
    const diff = compare(
      [recycling('a', 1), result('gone'), failed('b', 'timed-out')],
      [fixed('a'), recycling('new', 3), result('b')],
      [{ snapshots: { a: booted('1', { [key]: '1' }) } }, { snapshots: { a: booted('2', { [key]: '0' }) } }],
    );
    const document = JSON.parse(rendered('json', diff));
    expect(diffDocument.safeParse(document).error).toBeUndefined();
    expect(document.hosts[0]).toMatchObject({
      name: 'a',
      rebooted: true,
      findings: [{ change: 'fixed', rate: { field: paws, before: 1, after: 0 } }],
    });
    const [host] = document.hosts;
    expect(diffDocument.safeParse({ ...document, hosts: [{ ...host, reach: 'fine' }] }).success).toBe(false);
  });

  test('schema/diff.schema.json is fresh', () => {
    const file = new URL('../../schema/diff.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(diffJsonSchema());
  });
});

describe('hosts that say anything', () => {
  const others = hostileTexts.map((_, i) => result(`h${i}`));
  const diffs = [
    compare(hostileTexts.map(saying), others),
    compare(others, hostileTexts.map(saying)),
    compare(hostileTexts.map(saying), hostileTexts.map(failing)),
    compare(
      hostileTexts.map(text => ({ ...saying(text), name: 'one' })),
      hostileTexts.map(text => ({ ...saying(`${text}!`), name: 'one' })),
      [
        { snapshots: { one: booted('1', Object.fromEntries(hostileTexts.map(text => [text, '1']))) } },
        { snapshots: { one: booted('2', Object.fromEntries(hostileTexts.map(text => [text, text]))) } },
      ],
    ),
  ];

  test('reach no terminal with control characters', () => {
    for (const diff of diffs) {
      const text = rendered('table', diff, true);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  test('put no markup into the page, which has no script', () => {
    for (const diff of diffs) {
      const page = rendered('html', diff);
      expect(/<(?:script|img|svg|b>|!--).*/i.exec(page)?.[0].slice(0, 200)).toBeUndefined();
      expect(/<[a-z][^>]*\son\w+=/i.exec(page)?.[0].slice(0, 200)).toBeUndefined();
      expect(page.includes("default-src 'none'; style-src 'sha256-")).toBe(true);
      expect(page.endsWith('</html>\n')).toBe(true);
    }
  });

  test('stand in JSON as they are', () => {
    for (const diff of diffs) expect(diffDocument.safeParse(JSON.parse(rendered('json', diff))).error).toBeUndefined();
  });
});

test('the page names every change without a script', () => {
  const page = rendered(
    'html',
    compare(
      names.map(name => recycling(name, 59.5)),
      names.map(fixed),
    ),
  );
  for (const words of ['web[01-12]', 'PAWSPassive 714/s → 0/s over 12 hosts.', '12 findings fixed', key])
    expect(page).toContain(words);
});
