import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/text/table.ts';
import { frameOf } from '../../src/ui/frame.ts';
import { hostList } from '../../src/ui/host-list.ts';
import { windowIn } from '../../src/ui/lists.ts';
import { problemList } from '../../src/ui/problem-list.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { ruleList } from '../../src/ui/rule-list.ts';
import { initialState, type State } from '../../src/ui/state.ts';
import { eventsOf, recycling, result, run } from '../report/results.ts';
import { finished, hosts, setup, size, told, typed } from './states.ts';

const shown = (state: State): string[] => hostList(state).map(({ name }) => name);
const selected = (state: State): string | undefined => hostList(state)[windowIn(state, 'hosts').index]?.name;

describe('events', () => {
  it('fill the table, the worst first, names in natural order', () => {
    expect(shown(finished())).toEqual(['web2', 'web10', 'old1', 'api1', 'api2']);
    expect(finished().data.standing).toMatchObject({ critical: 2, lost: 1, ok: 2 });
    expect(finished().data.done).toBe(5);
  });

  it('count a host once, whichever result is its latest', () => {
    const first = finished();
    const again = told(
      [
        { type: 'run', run },
        { type: 'host', result: result('web2'), snapshot: null },
      ],
      first,
    );
    expect(again.data.standing).toMatchObject({ critical: 1, lost: 1, ok: 3 });
    expect(again.data.done).toBe(1);
    expect(again.data.rows.get('web2')?.changed).toBe('critical → ok, better');
    expect(again.data.rows.get('web10')?.changed).toBeNull();
  });

  it('remember the rate of each round', () => {
    const rounds = [59.5, 20, 0].reduce(
      (state, rate) => told(eventsOf([recycling('web2', rate)]), state),
      initialState(setup, size),
    );
    expect(rounds.data.rows.get('web2')?.trend).toEqual([59.5, 20, 0]);
    expect(rounds.data.round).toBe(3);
  });

  it('tell when each phase began', () => {
    const phases = (['connect', 'auth'] as const).map((phase, i) => ({
      at: 100 + i * 40,
      event: { type: 'phase', host: 'api1', phase } as const,
    }));
    const open = reduce(initialState(setup, size), { type: 'events', told: phases, now: 200 }).state;
    expect(open.data.open.get('api1')).toMatchObject({ phase: 'auth', since: 100, phases: { connect: 0, auth: 40 } });
    expect(told([{ type: 'host', result: result('api1'), snapshot: null }], open).data.open.size).toBe(0);
  });

  it('group what was not audited, and count verdicts', () => {
    expect(problemList(finished())).toMatchObject([{ outcome: 'unreachable', hosts: ['old1'] }]);
    expect(ruleList(finished())[0]).toMatchObject({ worst: 'critical', verdicts: { fail: 2, notapplicable: 2 } });
  });
});

describe('keys', () => {
  it('move, and keep the selected host selected while others come', () => {
    const { state } = typed(finished(), '2', 'j');
    expect(selected(state)).toBe('web10');
    const more = told([{ type: 'host', result: recycling('web0', 99), snapshot: null }], state);
    expect(shown(more)[0]).toBe('web0');
    expect(selected(more)).toBe('web10');
  });

  it('stay on the first row, whichever that is', () => {
    const { state } = typed(finished(), '2');
    expect(selected(told([{ type: 'host', result: recycling('web0', 99), snapshot: null }], state))).toBe('web0');
  });

  it.each([
    [['G'], 'api2'],
    [['G', 'k'], 'api1'],
    [['pagedown', 'pageup'], 'web2'],
    [['end', 'g'], 'web2'],
    [['s'], 'api1'],
    [['S'], 'api1'],
    [['f', 'G'], 'old1'],
  ])('%j selects %s', (keys, name) => {
    expect(selected(typed(finished(), '2', ...keys).state)).toBe(name);
  });

  it('filter while one types, keep the last that could be read, and give up with Esc', () => {
    const { state } = typed(finished(), '/', ...'sev>=high');
    expect(shown(state)).toEqual(['web2', 'web10']);
    const broken = typed(state, 'backspace', 'backspace', 'backspace', 'backspace').state;
    expect(broken.typing).toEqual({ text: 'sev>=', problem: 'sev>= what?' });
    expect(shown(broken)).toEqual(['web2', 'web10']);
    expect(typed(broken, 'enter').state.typing).toBeNull();
    expect(shown(typed(broken, 'escape').state)).toHaveLength(5);
  });

  it('type q, j and ? into a filter instead of obeying them', () => {
    const { state, effects } = typed(finished(), '/', 'q', 'j', '?');
    expect([state.typing?.text, effects]).toEqual(['qj?', []]);
  });

  it('open the hosts of a cohort, a host, its explanation, and go back', () => {
    const there = typed(finished(), 'enter').state;
    expect([there.view, shown(there)]).toEqual(['hosts', ['web2', 'web10', 'old1']]);
    const host = typed(there, 'enter', 'enter').state;
    expect([host.view, host.host, host.explains]).toEqual(['host', 'web2', true]);
    expect(typed(host, 'right').state.host).toBe('web10');
    expect(typed(host, 'escape', 'escape').state.view).toBe('fleet');
  });

  it('retry the marked hosts, else the selected one; never while the run goes on', () => {
    expect(typed(finished(), '2', ' ', ' ', 'r').effects).toEqual([{ type: 'retry', hosts: ['web2', 'web10'] }]);
    expect(typed(finished(), '2', 'r').effects).toEqual([{ type: 'retry', hosts: ['web2'] }]);
    expect(typed(finished(), '5', 'r').effects).toEqual([{ type: 'retry', hosts: ['old1'] }]);
    const running = told(eventsOf(hosts).slice(0, -1));
    const asked = typed(running, '2', 'r');
    expect([asked.effects, asked.state.note]).toEqual([[], expect.stringContaining('not over')]);
    const stored = { ...finished(), setup: { ...setup, canRetry: false } };
    expect(typed(stored, '2', 'r').effects).toEqual([]);
  });

  it('quit at once when the run is over, and ask first while it goes on', () => {
    expect(typed(finished(), 'q').effects).toEqual([{ type: 'quit' }]);
    const running = told(eventsOf(hosts).slice(0, -1));
    expect(typed(running, 'q')).toMatchObject({ effects: [], state: { overlay: 'quit' } });
    expect(typed(running, 'q', 'escape')).toMatchObject({ effects: [], state: { overlay: null, stopping: false } });
    expect(typed(running, 'q', 'q')).toMatchObject({ effects: [{ type: 'interrupt' }], state: { stopping: true } });
    expect(typed(running, 'ctrl-c').effects).toEqual([{ type: 'interrupt' }]);
  });
});

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
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom(
      '\x1b]0;owned\x07',
      '\x1b[2J\x1b[H',
      '日本語ホスト',
      'e\u0301'.repeat(9),
      '\u202egnp.exe',
      '👩‍👩‍👧',
      'x'.repeat(65_536),
      '<img onerror=x>',
      '\r\n\t',
    ),
  );

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

  it('says by sign and word what colour says', () => {
    const plain = frameOf(typed(finished(), '2').state, { color: false, ascii: false });
    const text = plain.body.join('\n');
    expect(text).toMatch(/● critical +web10/);
    expect(text).toMatch(/✗ lost +old1/);
    expect(text).not.toMatch(/\x1b\[3\dm/);
  });
});
