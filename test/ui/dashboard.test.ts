import { EventEmitter } from 'node:events';
import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostResult } from '../../src/model/run.ts';
import { displayWidth } from '../../src/text/table.ts';
import { Dashboard } from '../../src/ui/dashboard.tsx';
import type { Effect } from '../../src/ui/reduce.ts';
import { Screen } from '../../src/ui/screen.ts';
import { initialState } from '../../src/ui/state.ts';
import { createStore } from '../../src/ui/store.ts';
import { eventsOf, result } from '../report/results.ts';
import { hosts, setup } from './states.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const settled = () => new Promise(resolve => setTimeout(resolve, 20));

/** The dashboard as ink draws it, at some size. */
async function shown(columns: number, rows: number, results: readonly HostResult[] = hosts) {
  const effects: Effect[] = [];
  const store = createStore(initialState(setup, { columns, rows }), {
    now: () => 1_000,
    onEffect: effect => effects.push(effect),
  });
  const app = render(createElement(Dashboard, { store, theme: { color: true, ascii: false }, now: () => 1_000 }));
  Object.defineProperty(app.stdout, 'columns', { value: columns });
  app.stdout.emit('resize');
  await settled(); // React listens to keys and to the store only then
  for (const event of eventsOf(results)) store.accept(event);
  store.flush();
  await settled();
  ends.push(() => {
    store.stop();
    app.unmount();
  });
  const lines = () => (app.lastFrame() ?? '').replace(/\x1b\[[\d;]*m/g, '').split('\n');
  const press = (keys: string) => {
    app.stdin.write(keys);
    return settled();
  };
  return { effects, lines, press };
}

describe('the dashboard', () => {
  it.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fills %d x %d with what was found', async (columns, rows) => {
    const { lines } = await shown(columns, rows);
    expect(lines()).toHaveLength(rows);
    for (const line of lines()) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    const [title = '', counts = '', tabs = ''] = lines();
    expect(title).toMatch(/^ synaudit +audit inventory\.yaml .*5\/5 hosts/);
    expect(counts.trimEnd()).toBe(' ● 2 critical  ✗ 1 not audited  ✓ 2 ok');
    expect(tabs).toContain('[1 Fleet]');
    expect(lines().join('\n')).toMatch(/▸● group web .* not ready: 2 of 3/);
    expect(lines().at(-1)).toMatch(/\? help +q quit/);
  });

  it('shows hosts, one host with its evidence, rules and problems by key', async () => {
    const { lines, press } = await shown(120, 40);
    await press('2');
    expect(lines().join('\n')).toMatch(/critical +web2 .*3\.10\.0.* 59\.50/);
    await press('\r');
    const host = lines().join('\n');
    expect(host).toMatch(/TcpExt\.PAWSPassive +5001 +5120 +59\.50\/s/);
    expect(host).toMatch(/net\.ipv4\.tcp_tw_recycle +1 +1 at boot, \/etc\/sysctl\.d\/30-tuning\.conf:4/);
    expect(host).not.toContain('A share of connections times out.');
    await press('\r');
    expect(lines().join('\n')).toContain('A share of connections times out.');
    await press('4');
    expect(lines().join('\n')).toMatch(/● tw-recycle +2 +– +2/);
    await press('5');
    expect(lines().join('\n')).toMatch(/unreachable +1 +old1 +connection refused/);
  });

  it('shows queues and phases of a stored host', async () => {
    const stored = result('api1', {
      timing: { connectMs: 40, handshakeMs: 90, authMs: 120, totalMs: 2_300 },
      listeners: [
        { address: '0.0.0.0', port: 8080, queued: 96, limit: 128 },
        { address: '::', port: 22, queued: 3, limit: null },
      ],
    });
    const { lines, press } = await shown(100, 40, [stored]);
    await press('2\r');
    const text = lines().join('\n');
    expect(text).toMatch(/0\.0\.0\.0:8080 +96 of 128 waiting +█{8}░░ 75 %/);
    expect(text).toMatch(/:::22 +3 waiting/);
    expect(text).toMatch(
      /connected +after 40 ms *\n *keys exchanged +after 90 ms *\n *logged in +after 120 ms *\n *done +after 2\.3 s/,
    );
  });

  it('takes several keys in one piece, as fast typing sends them', async () => {
    const { lines, press, effects } = await shown(80, 24);
    await press('2jj');
    expect(lines().find(line => line.startsWith('▸'))).toContain('old1');
    await press('\x1b[A');
    expect(lines().find(line => line.startsWith('▸'))).toContain('web10');
    await press('2/\x15nosuch\r');
    expect(lines().join('\n')).toMatch(/ 0 of 5 · nosuch /);
    await press('\x03');
    expect(effects).toEqual([{ type: 'interrupt' }]);
  });

  it('explains its keys', async () => {
    const { lines, press } = await shown(80, 24);
    await press('?');
    expect(lines().join('\n')).toContain('sev>=high');
    await press('x');
    expect(lines().join('\n')).not.toContain('sev>=high');
  });
});

class Terminal extends EventEmitter {
  columns = 40;
  rows = 10;
  text = '';
  write(text: string): void {
    this.text += text;
  }
  taken(): string {
    const text = this.text;
    this.text = '';
    return text;
  }
}

describe('the screen', () => {
  it('writes only rows that changed, all after a resize, and gives the terminal back once', () => {
    const terminal = new Terminal();
    let resized = 0;
    const screen = new Screen(terminal, () => {
      resized += 1;
    });
    screen.show(['before it is open']);
    expect(terminal.taken()).toBe('');
    screen.open();
    expect(terminal.taken()).toContain('\x1b[?1049h');
    screen.show(['one', 'two', 'three']);
    expect(terminal.taken()).toContain('\x1b[3;1H');
    screen.show(['one', 'TWO', 'three']);
    expect(terminal.taken()).toBe('\x1b[?2026h\x1b[2;1H\x1b[0m\x1b[KTWO\x1b[0m\x1b[?2026l');
    screen.show(['one', 'TWO', 'three']);
    expect(terminal.taken()).toBe('');
    terminal.emit('resize');
    expect(resized).toBe(1);
    expect(terminal.taken()).toContain('\x1b[2J');
    screen.show(['one', 'TWO', 'three']);
    expect(terminal.taken()).toContain('three');
    screen.close();
    expect(terminal.taken()).toMatch(/\x1b\[\?25h.*\x1b\[\?1049l$/);
    screen.close();
    screen.show(['after']);
    expect(terminal.taken()).toBe('');
  });
});
