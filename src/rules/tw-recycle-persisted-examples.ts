import { absent } from '../model/reading.ts';
import type { BootSetting, LaterWrite } from '../model/snapshot.ts';
import type { Example } from './example.ts';

const key = 'net.ipv4.tcp_tw_recycle';
const counters = { 'TcpExt.PAWSPassive': 0 };
const none: ReadonlyMap<string, BootSetting> = new Map();
const sets = (value: string, file = '/etc/sysctl.conf', line = 17): ReadonlyMap<string, BootSetting> =>
  new Map([[key, { value, file, line }]]);
const then = (write: LaterWrite): ReadonlyMap<string, readonly LaterWrite[]> => new Map([[key, [write]]]);

/** Running value against boot files. */
export const persistedExamples: readonly Example[] = [
  {
    name: 'off now, on in a file',
    host: { settings: { [key]: '0' }, counters, boot: { procps: sets('1'), systemd: sets('1') } },
    verdict: 'fail',
    state: 'at-reboot',
    severity: 'high',
  },
  {
    name: 'off now, on only for "sysctl --system"',
    host: { settings: { [key]: '0' }, counters, boot: { procps: sets('1'), systemd: none } },
    verdict: 'fail',
    state: 'at-sysctl-system',
    severity: 'medium',
  },
  {
    name: 'off now and in the files',
    host: { settings: { [key]: '0' }, counters, boot: { procps: sets('0'), systemd: sets('0') } },
    verdict: 'pass',
  },
  {
    name: 'off now and in the files, on in the tuned profile that is applied after them',
    host: {
      settings: { [key]: '0' },
      counters,
      boot: {
        procps: sets('0'),
        systemd: sets('0'),
        later: then({ value: '1', file: '/etc/tuned/web/tuned.conf', line: 12, by: 'by tuned profile web' }),
      },
    },
    verdict: 'fail',
    state: 'at-reboot',
    severity: 'high',
  },
  {
    name: 'off now and in the files, on in an rc.local that may not be executable',
    host: {
      settings: { [key]: '0' },
      counters,
      boot: {
        procps: sets('0'),
        systemd: sets('0'),
        later: then({ value: '1', file: '/etc/rc.local', line: 5, condition: 'if it is run' }),
      },
    },
    verdict: 'fail',
    state: 'at-reboot',
    severity: 'medium',
  },
  {
    name: 'on now, by no file',
    host: { settings: { [key]: '1' }, counters, boot: { systemd: none } },
    verdict: 'informational',
    state: 'unknown-writer',
    severity: 'info',
  },
  {
    name: 'on now and in the files',
    host: { settings: { [key]: '1' }, counters, boot: { procps: sets('1') } },
    verdict: 'pass',
  },
  {
    name: 'the kernel has lost the key, a file still sets it',
    host: { counters: { 'TcpExt.ListenDrops': 0 }, boot: { procps: sets('1'), systemd: sets('1') } },
    verdict: 'informational',
    state: 'key-gone',
    severity: 'info',
  },
  {
    name: 'neither the kernel nor a file knows the key',
    host: { counters: { 'TcpExt.ListenDrops': 0 }, boot: {} },
    verdict: 'notapplicable',
  },
  {
    name: 'a file could not be read, and no other sets the key',
    host: {
      settings: { [key]: '0' },
      counters,
      boot: { unread: { '/etc/sysctl.d/50-tuning.conf': 'not permitted' } },
    },
    verdict: 'notchecked',
  },
  {
    name: 'the running value may not be read',
    host: { settings: { [key]: absent('not-permitted') }, counters, boot: { procps: sets('1') } },
    verdict: 'notchecked',
  },
];
