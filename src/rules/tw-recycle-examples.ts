import { absent } from '../model/reading.ts';
import type { Example } from './example.ts';

const recycle = 'net.ipv4.tcp_tw_recycle';
const timestamps = 'net.ipv4.tcp_timestamps';
const on = { [recycle]: '1', [timestamps]: '1' };
const vpc = { name: 'vpc-egress', cidrs: ['10.8.0.0/16'], status: 'active' } as const;

/** One for every rung of the ladder. */
export const twRecycleExamples: readonly Example[] = [
  {
    name: 'the counter rises between the samples',
    host: {
      settings: on,
      counters: { 'TcpExt.PAWSPassive': [5_001, 5_120], 'TcpExt.ListenDrops': [5_001, 5_120] },
      clients: {
        connections: 812,
        addresses: 37,
        shared: [{ address: '10.8.0.5', connections: 402, because: ['declared:vpc-egress'] }],
        serverClosesFirst: true,
      },
    },
    verdict: 'fail',
    state: 'firing',
    severity: 'critical',
  },
  {
    name: 'it still rises though timestamps were just switched off',
    host: { settings: { ...on, [timestamps]: '0' }, counters: { 'TcpExt.PAWSPassive': [83, 90] } },
    verdict: 'fail',
    state: 'firing',
    severity: 'critical',
  },
  {
    name: 'a container of an old kernel: the key is not visible, the counter rises',
    host: { counters: { 'TcpExt.PAWSPassive': [7, 9] } },
    verdict: 'fail',
    state: 'firing',
    severity: 'critical',
  },
  {
    name: 'dropped since boot, none between the samples',
    host: { settings: on, counters: { 'TcpExt.PAWSPassive': [215, 215] } },
    verdict: 'fail',
    state: 'fired',
    severity: 'critical',
  },
  {
    name: 'nothing dropped, but the clients are declared to share addresses',
    host: { settings: on, counters: { 'TcpExt.PAWSPassive': [0, 0] }, clients: {}, declared: [vpc] },
    verdict: 'fail',
    state: 'exposed',
    severity: 'critical',
  },
  {
    name: 'nothing dropped, no shared address in sight',
    host: { settings: on, counters: { 'TcpExt.PAWSPassive': 0 }, clients: { connections: 12, addresses: 9 } },
    verdict: 'fail',
    state: 'latent',
    severity: 'medium',
  },
  {
    name: 'the same before clients move behind NAT',
    host: { settings: on, counters: { 'TcpExt.PAWSPassive': 0 }, clients: {}, profile: 'readiness' },
    verdict: 'fail',
    state: 'latent',
    severity: 'high',
  },
  {
    name: 'on, with timestamps off',
    host: { settings: { ...on, [timestamps]: '0' }, counters: { 'TcpExt.PAWSPassive': [215, 215] } },
    verdict: 'fail',
    state: 'inert',
    severity: 'low',
  },
  {
    name: 'off',
    host: { settings: { ...on, [recycle]: '0' }, counters: { 'TcpExt.PAWSPassive': [215, 215] } },
    verdict: 'pass',
  },
  {
    name: 'a kernel from 4.12 on',
    host: { settings: { [timestamps]: '1' }, counters: { 'TcpExt.ListenDrops': 0 } },
    verdict: 'notapplicable',
  },
  {
    name: 'the key may not be read, and the counter is 0',
    host: { settings: { [recycle]: absent('not-permitted') }, counters: { 'TcpExt.PAWSPassive': 0 } },
    verdict: 'notchecked',
  },
];
