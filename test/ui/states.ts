import type { HostResult, RunEvent } from '../../src/model/run.ts';
import { type Effect, reduce } from '../../src/ui/reduce.ts';
import { initialState, type Setup, type State } from '../../src/ui/state.ts';
import { eventsOf, failed, recycling, result } from '../report/results.ts';

export const setup: Setup = {
  command: 'audit',
  rules: [
    {
      id: 'tw-recycle',
      title: 'tcp_tw_recycle is off',
      sections: [{ heading: 'What goes wrong', text: 'A share of connections times out.' }],
    },
    { id: 'rfc1337', title: 'tcp_rfc1337 is off', sections: [] },
  ],
  commands: marked => ['synaudit audit --no-tui', ...marked.map(host => `synaudit audit ${host}`)],
  canRetry: true,
  canExport: true,
  canFix: true,
  watchSeconds: null,
};

export const size = { columns: 100, rows: 30 };

/** Two that drop, one that was not reached, two that are well. */
export const hosts: readonly HostResult[] = [
  result('api2', { groups: ['api'] }),
  recycling('web10', 3),
  recycling('web2', 59.5),
  failed('old1', 'unreachable', { code: 'refused' }),
  result('api1', { groups: ['api'], kernel: '4.9.0-19-amd64' }),
];

/** The state after some events, all at once. */
export const told = (events: readonly RunEvent[], from: State = initialState(setup, size), now = 1_000): State =>
  reduce(from, { type: 'events', told: events.map(event => ({ event, at: now })), now }).state;

/** The state of a run that is over. */
export const finished = (results: readonly HostResult[] = hosts): State => told(eventsOf(results));

/** The state after some keys, and what they asked for. */
export function typed(
  state: State,
  ...keys: readonly string[]
): { readonly state: State; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let current = state;
  for (const key of keys) {
    const step = reduce(current, { type: 'key', key, now: 2_000 });
    current = step.state;
    if (step.effect !== null) effects.push(step.effect);
  }
  return { state: current, effects };
}
