import { describe, expect, it } from 'vitest';
import type { HostResult } from '../../src/model/run.ts';
import { displayWidth } from '../../src/text/table.ts';
import { frameOf } from '../../src/ui/frame.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { standings } from '../../src/ui/standing.ts';
import type { State } from '../../src/ui/state.ts';
import fc from '../fast-check.ts';
import { eventsOf, failed, recycling, result, run } from '../report/results.ts';
import { finished, hosts, setup, told, typed } from './states.ts';

describe('a frame', () => {
  const sgr = /\x1b\[\d+m/g;
  const names = [
    'up',
    'down',
    'pagedown',
    'pageup',
    'enter',
    'escape',
    'tab',
    'backtab',
    'left',
    'right',
    'backspace',
    ...'12345jkgGfsS/?y r>:!a',
  ];
  const hostileTexts = [
    '\x1b]0;owned\x07',
    '\x1b[2J\x1b[H',
    '\x9b31mC1\x9d0;owned\x9c',
    '日本語ホスト',
    'e\u0301'.repeat(9),
    '\u202egnp.exe\u2066\u200f',
    '👩‍👩‍👧',
    'x'.repeat(65_536),
    '\x1b[31m'.repeat(13_107),
    '<img onerror=x>',
    '\r\n\t',
    '__proto__',
    '',
  ];
  const hostile = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom(...hostileTexts));

  it('has as many lines as the terminal, none too wide, and nothing of a host that controls it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: hostile, title: hostile, kernel: hostile, group: hostile }), { maxLength: 6 }),
        fc.array(fc.constantFrom(...names), { maxLength: 25 }),
        fc.integer({ min: 20, max: 220 }),
        fc.integer({ min: 8, max: 70 }),
        fc.boolean(),
        (given, keys, columns, rows, ascii) => {
          const results = given.map(({ name, title, kernel, group }) => {
            const base = recycling(name, 3);
            const [finding] = base.findings;
            return {
              ...base,
              kernel,
              os: title,
              groups: [group],
              findings: finding === undefined ? [] : [{ ...finding, title, because: title, state: group }],
              notes: [title],
              unread: { [name]: title },
            };
          });
          const resized = reduce(finished(results), { type: 'size', columns, rows }).state;
          const frame = frameOf(typed(resized, ...keys).state, { color: true, ascii });
          const lines = [...frame.header, ...frame.body, ...frame.panel, ...frame.footer];
          expect(lines).toHaveLength(rows);
          for (const line of lines) {
            const text = line.replace(sgr, '');
            expect(displayWidth(text)).toBeLessThanOrEqual(columns);
            expect(text).not.toMatch(ascii ? /[^\x20-\x7e]/ : /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('says nothing in a colour that is faint on white, and uses the 16 colours alone', () => {
    const every = standings.flatMap((severity, i): HostResult[] => {
      if (severity === 'ok' || severity === 'lost') return [];
      const base = recycling(`web${i}`, 3);
      return [{ ...base, findings: base.findings.map(each => ({ ...each, severity })) }];
    });
    const state = finished([...hosts, ...every]);
    const views = [
      ['1'],
      ['2'],
      ['2', 'enter', 'enter'],
      ['4'],
      ['4', 'enter'],
      ['5'],
      ['?'],
      ['y'],
      ['x'],
      ['/', 'x', ':'],
    ];
    for (const keys of views) {
      const frame = frameOf(typed(state, ...keys).state, { color: true, ascii: false });
      const text = [...frame.header, ...frame.body, ...frame.panel, ...frame.footer].join('\n');
      for (const [, codes = '', piece = ''] of text.matchAll(/\x1b\[([\d;]*)m([^\x1b]*)/g)) {
        expect(codes).toMatch(/^(0|1|2|7|3[1-6])$/);
        if (['32', '33', '36'].includes(codes)) expect(piece).not.toMatch(/[\p{L}\p{N}]{2}/u);
      }
    }
  });

  it('says how far the run is beside a subject of any length', () => {
    const long = told([
      { type: 'run', run: { ...run, subject: `/srv/${'inventories/'.repeat(20)}web.yaml` } },
      { type: 'host', result: result('web1'), snapshot: null },
    ]);
    for (const columns of [60, 80, 120]) {
      const { state } = reduce(long, { type: 'size', columns, rows: 24 });
      const [title = ''] = frameOf(state, { color: false, ascii: false }).header;
      expect(title.replace(sgr, '')).toMatch(/^ synaudit audit.*… .* 1\/\d+ /);
    }
  });

  it('cuts nothing that counts at 80 x 24: help, numbers and files of a host, what the table is narrowed to', () => {
    const long = { ...recycling('web77', 3), cohort: 'c9708d0a5', os: 'CentOS Linux 7 (Core)' };
    const state = reduce(finished([long, ...hosts]), { type: 'size', columns: 80, rows: 24 }).state;
    const screen = (...keys: readonly string[]) => {
      const frame = frameOf(typed(state, ...keys).state, { color: false, ascii: false });
      return [...frame.header, ...frame.body, ...frame.panel, ...frame.footer].join('\n').replace(sgr, '');
    };
    expect(screen('?')).not.toContain('…');
    const host = screen('/', ...'web77', 'enter', 'enter');
    expect(host).toContain('cohort c9708d0a5');
    expect(host).toMatch(/TcpExt\.PAWSPassive +\d+ +\d+ +3\.00\/s/);
    expect(host).toMatch(/confidence certain/);
    expect(screen('/', ...'web77', 'enter', 'enter', 'G')).toMatch(/sysctl\.d\/30-tuning\.conf:4\n/);
    expect(screen('/', ...'sev>=high kernel<4.12 group:web !api1', 'enter')).toMatch(
      /─ 3 of \d · sev>=high kern.*… ─\n/,
    );
  });

  it('shows the end of what is typed, where the cursor is, and why it is no filter', () => {
    const { state } = reduce(finished(), { type: 'size', columns: 80, rows: 24 });
    const last = (...keys: readonly string[]) =>
      frameOf(typed(state, ...keys).state, { color: false, ascii: false })
        .footer.at(-1)
        ?.replace(sgr, '') ?? '';
    expect(last('/', ...'web '.repeat(30), ...'日本')).toMatch(/^ \/….* web 日本 $/);
    expect(last('/', ...'web '.repeat(30), ...'drops>many')).toMatch(/web drops>many {3}"many" is no number$/);
    expect(last('x', 'ctrl-u', ...'/srv/changes/'.repeat(9), ...'4711')).toMatch(/ into ….*\/changes\/4711 $/);
  });

  it('counts ten thousand hosts at 80 columns without cutting a number', () => {
    const { data, ...rest } = reduce(finished(), { type: 'size', columns: 80, rows: 24 }).state;
    const standing = { critical: 3572, high: 952, medium: 476, low: 238, lost: 716, info: 0, ok: 4046 };
    const frame = frameOf({ ...rest, data: { ...data, standing } }, { color: false, ascii: false });
    expect(frame.header[1]).toMatch(/● 3572 .* ✓ 4046 *$/);
  });

  it('says of hosts that were lost why, and of a run without hosts that there is none', () => {
    const body = (results: readonly HostResult[], ...keys: readonly string[]) => {
      const frame = frameOf(typed(finished(results), ...keys).state, { color: false, ascii: false });
      return [...frame.header, ...frame.body, ...frame.panel].join('\n').replace(sgr, '');
    };
    const lost = failed('old1', 'unreachable', { message: 'connection refused', hint: 'is sshd running?' });
    expect(body([lost])).toMatch(/why +old1: connection refused\n hint +is sshd running\?/);
    expect(body([], '2')).toMatch(/no host is in this run[\s\S]*no host is in this run/);
    expect(body([result('web1')], 'f')).toContain('no host has a fault; f shows all');
  });

  it('says by sign and word what colour says', () => {
    const plain = frameOf(typed(finished(), '2').state, { color: false, ascii: false });
    const text = plain.body.join('\n');
    expect(text).toMatch(/● critical +web10/);
    expect(text).toMatch(/✗ lost +old1/);
    expect(text).not.toMatch(/\x1b\[3\dm/);
  });

  /** A host with something in every field that a view shows; all its texts are the same hostile one. */
  function poisoned(text: string): readonly HostResult[] {
    const [finding] = recycling('web1', 3).findings;
    if (finding === undefined) throw new Error('no finding');
    const evil = {
      ...finding,
      title: text,
      because: text,
      state: text,
      evidence: [{ source: text, field: text, value: text, earlier: Number.MAX_VALUE, perSecond: Number.MAX_VALUE }],
      remedy: { summary: text, set: { [text]: text }, risk: text, undo: { [text]: text } },
    };
    const namespace = { id: text, owner: text, container: text, verdicts: {}, notChecked: {} };
    const full: HostResult = {
      ...recycling(`host${text}`, 3),
      address: text,
      hostname: text,
      groups: [text, `${text}2`],
      kernel: text,
      os: text,
      cohort: text,
      findings: [evil, { ...evil, waived: { reason: text, expires: text, owner: text } }],
      namespaces: [{ ...namespace, findings: [evil] }],
      notes: [text],
      unread: { [text]: text },
      notChecked: { [text]: text },
      settings: { [text]: { value: text, boot: { value: text, file: text, line: 1 } } },
      clients: { connections: 9e15, addresses: 9e15, shared: [{ address: text, connections: 9e15, because: [text] }] },
      listeners: [{ address: text, port: 9e15, queued: 9e15, limit: 1 }],
      quiet: { excludes: text, next: text },
      client: { cidr: text, answer: 'drops', because: text },
    };
    const lost = failed(`lost${text}`, 'failed', { message: text, hint: text, hop: text, code: text });
    return [full, lost, { ...result('quiet'), quiet: { excludes: text, next: text } }];
  }

  const views: readonly (readonly [string, ...string[]])[] = [
    ['fleet', '1'],
    ['fleet, further down', '1', 'j', 'j', 'G'],
    ['hosts', '2'],
    ['hosts of a group', '1', 'enter'],
    ['host', '2', 'g', 'enter'],
    ['host, explained, at its end', '2', 'g', 'enter', 'enter', 'G'],
    ['a host that was lost', '2', 'g', 'j', 'enter'],
    ['rules', '4'],
    ['rule', '4', 'enter'],
    ['problems', '5'],
    ['hosts of a problem', '5', 'enter'],
    ['commands', '2', ' ', 'y'],
    ['fix', '2', ' ', 'x'],
  ];

  it.each(views)('%s: no text of a host leaves its place', (_, ...keys) => {
    for (const text of hostileTexts) {
      const base = told(eventsOf(poisoned(text), { subject: text }));
      const state: State = { ...base, setup: { ...setup, watchSeconds: 60 } };
      const again = told(eventsOf([result(`host${text}`, { groups: [text] })], { subject: text }), state);
      for (const [columns, rows] of [
        [80, 24],
        [200, 60],
        [20, 8],
      ] as const) {
        for (const each of [state, again]) {
          const sized = reduce(each, { type: 'size', columns, rows }).state;
          const frame = frameOf(typed(sized, ...keys).state, { color: true, ascii: false });
          const lines = [...frame.header, ...frame.body, ...frame.panel, ...frame.footer];
          expect(lines).toHaveLength(rows);
          for (const line of lines) {
            const plain = line.replace(sgr, '');
            expect(displayWidth(plain)).toBeLessThanOrEqual(columns);
            expect(plain).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
          }
        }
      }
    }
  });
});
