import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ProbeDocument } from '../../src/model/probe.ts';
import { compareProbes } from '../../src/probe/compare.ts';
import { matrixLines } from '../../src/report/probe-matrix.ts';
import { checkedProbe, probeDocument, probeJsonSchema } from '../../src/report/probe-schema.ts';
import { type ProbePaper, probeTable } from '../../src/report/probe-table.ts';
import { painter } from '../../src/text/ansi.ts';
import { grouped, percent, pText } from '../../src/text/share.ts';
import { displayWidth } from '../../src/text/table.ts';
import fc from '../fast-check.ts';
import { documentOf, type Fared, resultOf } from '../probe/results.ts';

const paper: ProbePaper = { width: 100, paint: painter(false), verbose: false, quiet: false };
const table = (document: ProbeDocument, changes: Partial<ProbePaper> = {}): string =>
  probeTable(document, { ...paper, ...changes });

const lossy: Fared = { outcomes: { connected: 75, timeout: 20 }, times: [1_001, 1_002, 1_003, 3_004, 1_700] };

describe('the table', () => {
  test('of one pair: failures with interval, steps, what it comes to, and what it cannot see', () => {
    expect(table(documentOf([lossy]))).toMatchInlineSnapshot(`
      "Connection attempts: 1 pair, 100 attempts in 5.5 s, at most 20 per second and target, unanswered
      after 10 s.

      FROM  TO        ATTEMPTS  FAILED  95 %         SYN LOST  P50     P99  FAILURES
      here  web01:80  100       20.0 %  12.9–29.4 %  24.0 %    0.4 ms  3 s  20 timeout

      When the answer came:
        answer to the first SYN     75  ████████████████████████████████████████
        after 1 s (SYN sent again)   3  ██
        after 3 s (SYN sent again)   1  █
        between: slow otherwise      1  █
        no answer in 10 s           20  ███████████

      20.0 % (20 of 100) of the attempts failed; the true share lies between 12.9 % and 29.4 % (95 %).
      24.0 % (24 of 100) of the first SYNs got no answer in time (95 %: 16.3 % to 33.8 %); 4 of these were
      answered when sent again, which an application sees as a delay of whole seconds.

      What this cannot see
      - Each place is one client with one clock. Many clients behind one NAT address, each with TCP
        timestamps of its own, are not reproduced: a server with net.ipv4.tcp_tw_recycle=1 can drop their
        SYNs and answer all of these. \`synaudit audit\` sees that.
      - Some kernels draw a timestamp offset per connection: Linux 4.10 and 4.11, and from 6.12.94,
        6.18.17, 6.19.7 and 7.0 on those with the fix of CVE-2026-23247, which vendors carry back. From
        such a kernel such a server drops attempts without any NAT. Whether the one here (6.1.0) does is
        not known for sure.
      - Paths and firewalls are those of this machine, not those of the clients.
      - A connect is what the kernels agreed on: whether the application answers was not asked.
      "
    `);
  });

  test('-q leaves the remarks out, not the numbers', () => {
    const text = table(documentOf([lossy]), { quiet: true });
    expect(text).toContain('20.0 %');
    expect(text).not.toContain('What this cannot see');
  });

  test('of two probes: the change in words, and each pair', () => {
    const before = documentOf([
      { ...lossy, to: 'web01:80' },
      { to: 'web02:80', outcomes: { connected: 100 } },
    ]);
    const after = [
      { to: 'web01:80', outcomes: { connected: 100 } },
      { to: 'web02:80', outcomes: { connected: 99, refused: 1 } },
    ];
    const text = table(documentOf(after, { comparison: compareProbes(before, resultOf(after)) }));
    expect(text).toContain('Against probe 20261123T021739Z-7995cf');
    expect(text).toMatch(/^Failures fell from 10\.0 % \(20 of 200\) to 0\.5 % \(1 of 200\)/m);
    expect(text).toMatch(/^here {2}web01:80 {2}20\.0 % {2}0 % .* p < 0\.0001 .*better$/m);
    expect(text).toMatch(/^here {2}web02:80 {2}0 % .* p = 1 .*no change told$/m);
  });

  test('no line is longer than a narrow screen: what does not fit beside the others stands below them', () => {
    const pairs = ['a1.example', 'a2.example'].flatMap(from =>
      ['192.0.2.17:8102', '192.0.2.18:8102'].map(to => ({
        ...{ from, to, times: [1_001] },
        outcomes: { connected: 9_000, timeout: 1_200, refused: 1_300, reset: 800 },
      })),
    );
    const comparison = compareProbes(documentOf(pairs), resultOf(pairs));
    const text = table(documentOf(pairs, { comparison }), { width: 80 });
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^FROM +TO .*FAILURES$/m);
    expect(text).toMatch(/^a2\.example +192\.0\.2\.18:8102 .*1,200 timeout, 1,300 refused, 800 reset$/m);
  });

  test('places that were not reached are named with the reason', () => {
    const error = { outcome: 'unreachable', message: 'no route', hint: 'look' };
    expect(table(documentOf([], { origins: [{ name: 'app2', error }] }))).toContain(
      'app2: unreachable: no route (look)',
    );
  });

  test('of many pairs names the worst, and how the others fared at most', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({
      to: `web${String(i + 1).padStart(2, '0')}:80`,
      outcomes: { connected: 100 - (i === 40 ? 30 : 0), timeout: i === 40 ? 30 : 0 },
    }));
    const text = table(documentOf(many));
    expect(text).toMatch(/^FROM .*\nhere +web41:80 /m);
    expect(text).toContain('… and 40 pairs');
    expect(text).toContain('with at most 0 % failures: -v');
    expect(table(documentOf(many), { verbose: true })).toMatch(/web60:80/);
  });

  test('control characters of names and messages do not get through', () => {
    const evil = '\x1b[2Jevil\u202e';
    const text = table(
      documentOf([{ ...lossy, from: evil, to: `${evil}:80`, stopped: evil }], {
        origins: [{ name: evil, error: { outcome: evil, message: evil, hint: evil } }],
        id: evil,
      }),
    );
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    expect(text).toContain('evil');
  });
});

describe('the matrix', () => {
  const pairs = (froms: number, tos: number, dead: (from: number, to: number) => boolean) =>
    resultOf(
      Array.from({ length: froms * tos }, (_, i) => {
        const [from, to] = [Math.floor(i / tos), i % tos];
        return {
          from: `app${from + 1}`,
          to: `db${to + 1}:5432`,
          outcomes: dead(from, to) ? { timeout: 10 } : { connected: 10 },
        };
      }),
    ).pairs;

  test('shows share and times for each place and target', () => {
    expect(
      matrixLines(
        pairs(2, 2, (from, to) => from === 1 && to === 0),
        100,
      ),
    ).toEqual([
      expect.stringMatching(/^From × to:/),
      '  FROM  db1:5432              db2:5432',
      '  app1  0 %  0.4 ms / 0.4 ms  0 %  0.4 ms / 0.4 ms',
      '  app2  100 %                 0 %  0.4 ms / 0.4 ms',
    ]);
  });

  test('of one row or one column says nothing new', () => {
    expect(
      matrixLines(
        pairs(1, 5, () => false),
        100,
      ),
    ).toEqual([]);
    expect(
      matrixLines(
        pairs(5, 1, () => false),
        100,
      ),
    ).toEqual([]);
  });

  test('of many places and targets is folded: what fares the same stands together', () => {
    const lines = matrixLines(
      pairs(40, 30, (from, to) => from === 7 && to >= 20),
      100,
    );
    expect(lines).toEqual([
      expect.stringMatching(/^From × to:/),
      expect.stringMatching(/^ {2}FROM +db\[1-20\]:5432 +db\[21-30\]:5432$/),
      expect.stringMatching(/^ {2}app\[1-7,9-40\] +0 % {2}0\.4 ms \/ 0\.4 ms +0 % /),
      expect.stringMatching(/^ {2}app8 +0 % .* 100 %$/),
    ]);
  });

  test('columns that do not fit stand below, and none is lost', () => {
    const lines = matrixLines(
      pairs(2, 12, () => false),
      60,
    );
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(60);
    for (let to = 1; to <= 12; to++) expect(lines.join('\n')).toContain(`db${to}:5432`);
  });
});

describe('synaudit/probe/1', () => {
  const compared = () => {
    const before = documentOf([lossy]);
    return documentOf([lossy], { comparison: compareProbes(before, resultOf([lossy])) });
  };

  test('what is made is what the schema says, also read again', () => {
    for (const document of [documentOf([lossy]), documentOf([]), compared()]) {
      expect(probeDocument.safeParse(document).error).toBeUndefined();
      expect(checkedProbe(JSON.parse(JSON.stringify(document)))).toEqual(document);
    }
  });

  test.each<[string, object]>([
    ['another schema', { schema: 'synaudit/run/1' }],
    ['no pairs', { pairs: undefined }],
    ['counts below 0', { all: { ...documentOf([lossy]).all, attempts: -1 } }],
    ['counts that contradict each other', { all: { ...documentOf([lossy]).all, attempts: 5 } }],
    [
      'a share above 1',
      { all: { ...documentOf([lossy]).all, failures: { count: 1, attempts: 1, share: 7, interval: null } } },
    ],
  ])('%s is none', (_name, change) => {
    expect(checkedProbe({ ...documentOf([lossy]), ...change })).toHaveProperty('problem');
  });

  test('nothing that is no probe is taken for one', () => {
    fc.assert(fc.property(fc.jsonValue(), value => 'problem' in checkedProbe(value)));
  });

  test('fields may be added within /1', () => {
    expect(probeDocument.safeParse({ ...documentOf([lossy]), later: 1 }).success).toBe(true);
  });

  test('schema/probe.schema.json is fresh', () => {
    const file = new URL('../../schema/probe.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(probeJsonSchema());
  });
});

describe('shares in words', () => {
  test.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.2, '20.0 %'],
    [0.01, '1.0 %'],
    [0.001_234, '0.12 %'],
    [0.000_001, '0.0001 %'],
    [1e-12, '< 0.000001 %'],
    [0.999_99, '> 99.9 %'],
  ])('%d is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  test('something is never shown as nothing, nor as everything', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true }), share => {
        expect(percent(share)).not.toMatch(/^(?:0|0\.0|100|100\.0) %$/);
      }),
    );
  });

  test('numbers in groups, p-values', () => {
    expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([1, 0.0312, 0.0001, 0.00009].map(pText)).toEqual(['p = 1', 'p = 0.031', 'p = 0.0001', 'p < 0.0001']);
  });
});
