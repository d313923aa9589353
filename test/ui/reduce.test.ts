import { describe, expect, it } from 'vitest';
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

  it('tell which phase a visit is in, and since when it is open', () => {
    const phases = (['connect', 'auth'] as const).map((phase, i) => ({
      at: 100 + i * 40,
      event: { type: 'phase', host: 'api1', phase } as const,
    }));
    const open = reduce(initialState(setup, size), { type: 'events', told: phases, now: 200 }).state;
    expect(open.data.open.get('api1')).toEqual({ phase: 'auth', since: 100 });
    expect(told([{ type: 'host', result: result('api1'), snapshot: null }], open).data.open.size).toBe(0);
  });

  it('group what was not audited, and count verdicts', () => {
    expect(problemList(finished())).toMatchObject([{ outcome: 'unreachable', hosts: ['old1'] }]);
    expect(ruleList(finished())[0]).toMatchObject({ worst: 'critical', verdicts: { fail: 2, notapplicable: 2 } });
    const unjudged = ruleList(finished(hosts.filter(({ error }) => error !== null)));
    expect(unjudged.map(({ worst }) => worst)).toEqual([null, null]); // missing is never a pass
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

  it.each([
    [60, ['host', 'verdict', 'drops', 'severity']],
    [80, ['host', 'kernel', 'verdict', 'drops', 'severity']],
    [120, ['host', 'kernel', 'verdict', 'nat', 'drops', 'severity']],
  ])('sort at %d columns by those that are shown', (columns, sorts) => {
    let { state } = reduce(finished(), { type: 'size', columns, rows: 24 });
    for (const column of sorts) {
      state = typed(state, '2', 's').state;
      expect(state.sort.column).toBe(column);
      expect(frameOf(state, { color: false, ascii: false }).body[0]).toContain('▾');
    }
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

  it('filter the hosts of a row further; Esc takes the filter away first, then goes back to the row', () => {
    const { state } = typed(finished(), 'enter', '/', ...'sev>=high', 'enter');
    expect(shown(state)).toEqual(['web2', 'web10']);
    const again = told([{ type: 'host', result: recycling('api1', 99), snapshot: null }], state);
    expect(shown(again)).toEqual(['web2', 'web10']);
    const wider = typed(state, 'escape').state;
    expect([wider.view, shown(wider)]).toEqual(['hosts', ['web2', 'web10', 'old1']]);
    const back = typed(wider, 'escape').state;
    expect([back.view, shown(back).length]).toEqual(['fleet', 5]);
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

  it('ask where to write the fix, for the marked hosts or for those that are shown', () => {
    const asked = typed(finished(), '2', 'x').state;
    expect(asked.fixing).toEqual({
      hosts: ['web2', 'web10', 'old1', 'api1', 'api2'],
      directory: `synaudit-fix-${run.id}`,
    });
    expect(typed(asked, 'escape')).toMatchObject({ effects: [], state: { fixing: null } });
    const written = typed(asked, 'ctrl-u', ...'a/q j', 'backspace', 'enter');
    expect(written.effects).toEqual([{ type: 'fix', hosts: asked.fixing?.hosts, directory: 'a/q' }]);
    expect(written.state.fixing).toBeNull();
    expect(typed(asked, 'ctrl-u', 'enter')).toMatchObject({ effects: [], state: { fixing: { directory: '' } } });
    const marked = typed(finished(), '2', ' ', '1', 'x').state;
    expect(marked.fixing?.hosts).toEqual(['web2']);
  });

  it.each([
    [['x'], ['web10', 'web2', 'old1']], // the first row of the fleet: group web
    [
      ['2', '/', ...'group:api', 'enter', 'x'],
      ['api1', 'api2'],
    ],
    [['2', 'enter', 'x'], ['web2']],
    [
      ['4', 'x'],
      ['web10', 'web2'],
    ],
    [['5', 'x'], ['old1']],
  ])('%j writes the fix of %j', (keys, names) => {
    expect(typed(finished(), ...keys).state.fixing?.hosts).toEqual(names);
  });

  it('write no fix while hosts are visited, nor where there is none', () => {
    const running = told(eventsOf(hosts).slice(0, -1));
    expect(typed(running, 'x').state).toMatchObject({ fixing: null, note: expect.stringContaining('not over') });
    expect(typed({ ...finished(), setup: { ...setup, canFix: false } }, 'x').state.fixing).toBeNull();
  });

  it('tell what came of the fix until a key is pressed; what comes next is seen at any size', () => {
    const lines = ['cohorts', ...Array.from({ length: 80 }, (_, i) => `row ${i}`), 'digest sha256:abc', 'next read'];
    const { state } = reduce(finished(), { type: 'tell', lines });
    const text = frameOf(state, { color: false, ascii: false }).body.join('\n');
    expect(text).toMatch(/cohorts[\s\S]*…[\s\S]*digest sha256:abc\s*next read/);
    expect(typed(state, 'j').state.overlay).toBeNull();
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
