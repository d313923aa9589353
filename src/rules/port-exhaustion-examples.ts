import type { Example } from './example.ts';
import { rangeKey, reservedKey, reuseKey } from './port-exhaustion-text.ts';

const usual = { [rangeKey]: '32768 60999', [reservedKey]: '', [reuseKey]: '2', 'net.ipv4.tcp_timestamps': '1' };
const to = (connections: number, timeWait: number) => ({
  destinations: [{ address: '10.0.7.7', port: 5432, connections, timeWait }],
});

/** One for every verdict and state. */
export const portExhaustionExamples: readonly Example[] = [
  {
    name: 'every port towards one backend is taken, most of them in TIME_WAIT',
    host: { settings: usual, sockets: to(28_200, 27_000) },
    verdict: 'fail',
    state: 'exhausted',
    severity: 'high',
  },
  {
    name: 'nearly so',
    host: { settings: usual, sockets: to(26_000, 25_000) },
    verdict: 'fail',
    state: 'near',
    severity: 'medium',
  },
  {
    name: 'more than there are: several local addresses',
    host: { settings: usual, sockets: to(50_000, 100) },
    verdict: 'fail',
    state: 'near',
    severity: 'medium',
  },
  {
    name: 'ports in TIME_WAIT can be taken again',
    host: { settings: { ...usual, [reuseKey]: '1' }, sockets: to(28_200, 27_000) },
    verdict: 'pass',
  },
  { name: 'no outgoing connection', host: { settings: usual, sockets: {} }, verdict: 'pass' },
  { name: 'no range', host: { settings: { ...usual, [rangeKey]: 'all' }, sockets: to(1, 0) }, verdict: 'notchecked' },
  { name: 'sockets could not be read', host: { settings: usual }, verdict: 'notchecked' },
  {
    name: 'a network namespace of an old kernel, without the key',
    host: { settings: {}, sockets: to(1, 0) },
    verdict: 'notapplicable',
  },
];
