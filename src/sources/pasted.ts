import type { TcpMetric } from '../model/snapshot.ts';
import { parseConntrack } from './pasted-conntrack.ts';
import type { PastedCounters } from './pasted-counters.ts';
import { type PastedText, pastedLines } from './pasted-lines.ts';
import { parseNetstat } from './pasted-netstat.ts';
import { parseNstat } from './pasted-nstat.ts';
import { parseProc, parseProcFile } from './pasted-proc.ts';
import { type PastedSockets, parseSocketRows, type SocketRow } from './pasted-sockets.ts';
import { parseSsSummary } from './pasted-ss-summary.ts';
import { type PastedSysctl, parseSysctl } from './pasted-sysctl.ts';
import { type PastedSystem, parseSystem } from './pasted-system.ts';
import { parseTcpMetrics } from './pasted-tcp-metrics.ts';

/** All that one pasted text says, of whatever commands its content is. */
export interface Gleaned {
  readonly text: PastedText;
  /** Names of what was recognised: `netstat -s`, `sysctl`, `uptime` … */
  readonly kinds: readonly string[];
  readonly counters: readonly PastedCounters[];
  readonly sysctl: PastedSysctl | null;
  readonly sockets: PastedSockets | null;
  /** Rows of /proc/net/tcp. */
  readonly procSockets: readonly SocketRow[];
  readonly tcpMetrics: readonly TcpMetric[] | null;
  readonly system: PastedSystem;
  /** What people should know of how it was read. */
  readonly remarks: readonly string[];
  /** Files of /proc that make no sense, with the reason. */
  readonly malformed: Readonly<Record<string, string>>;
}

/** What a text may be of, for messages. */
export const pastedKinds =
  'netstat -s, nstat, sysctl, ss, netstat -an, ip tcp_metrics, conntrack -S, a sysctl file, files of /proc/net';

/** Reads one text by its content; a text may be of several commands. Never throws. */
export function glean(text: PastedText): Gleaned {
  if (text.path !== undefined) {
    const { counters, sockets, malformed } = parseProcFile(text);
    return { ...nothing(text), kinds: [`/${text.path}`], counters, procSockets: sockets, malformed };
  }
  const lines = pastedLines(text.text);
  const proc = parseProc(lines);
  const netstat = parseNetstat(lines);
  const nstat = parseNstat(lines);
  const single = [parseSsSummary(lines), parseConntrack(lines)].filter(found => found !== null);
  const sysctl = text.name.endsWith('.conf') ? parseSysctl(lines, true) : parseSysctl(lines);
  const sockets = parseSocketRows(lines);
  const tcpMetrics = parseTcpMetrics(lines);
  const system = parseSystem(lines) ?? {};
  const found = {
    counters: [...(proc?.counters ?? []), ...(netstat ?? []), ...(nstat?.counters ?? []), ...single],
    sysctl,
    sockets,
    procSockets: proc?.sockets ?? [],
    tcpMetrics,
    system,
  };
  return {
    text,
    ...found,
    kinds: kindsOf(found),
    remarks: remarksOf(found.counters, { mayBeIncrements: nstat?.mayBeIncrements === true, sockets }),
    malformed: proc?.malformed ?? {},
  };
}

function kindsOf({
  counters,
  sysctl,
  sockets,
  procSockets,
  tcpMetrics,
  system: { kernel, os, uptimeSeconds },
}: Omit<Gleaned, 'text' | 'kinds' | 'remarks' | 'malformed'>): readonly string[] {
  const isFile = sysctl !== null && sysctl.running.size === 0 && sysctl.written.size > 0;
  const others: readonly (readonly [kind: string, isThere: boolean])[] = [
    ['/proc/net/tcp', procSockets.length > 0],
    [isFile ? 'a sysctl file' : 'sysctl', sysctl !== null],
    ['sockets', sockets !== null],
    ['ip tcp_metrics', tcpMetrics !== null],
    ['uname', kernel !== undefined],
    ['os-release', os !== undefined],
    ['uptime', uptimeSeconds !== undefined],
  ];
  return [
    ...new Set(counters.map(({ from }) => from)),
    ...others.flatMap(([kind, isThere]) => (isThere ? [kind] : [])),
  ];
}

const nothing = (text: PastedText): Gleaned => ({
  text,
  kinds: [],
  counters: [],
  sysctl: null,
  sockets: null,
  procSockets: [],
  tcpMetrics: null,
  system: {},
  remarks: [],
  malformed: {},
});

interface Peculiar {
  readonly mayBeIncrements: boolean;
  readonly sockets: PastedSockets | null;
}

function remarksOf(counters: readonly PastedCounters[], { mayBeIncrements, sockets }: Peculiar): readonly string[] {
  const repeated = counters.flatMap(pasted => pasted.repeated);
  const [first, ...others] = repeated;
  return [
    ...(first === undefined
      ? []
      : [
          `${first}${others.length === 0 ? '' : ` and ${others.length} more`} ${others.length === 0 ? 'stands' : 'stand'} there more than once; the last counts. An older reading goes into a file of its own, with --earlier.`,
        ]),
    ...(mayBeIncrements
      ? ['Taken as counts since boot; without -a, nstat prints increments since its last call.']
      : []),
    ...(sockets?.hasNamedPorts === true
      ? ['Sockets are left out, as ports are printed by name; -n prints numbers.']
      : []),
  ];
}

/** Whether the text holds something that rules judge: who the host is, and for how long it runs, is not. */
export const isJudgeable = ({ counters, sysctl, sockets, procSockets, tcpMetrics }: Gleaned): boolean =>
  counters.length > 0 ||
  (sysctl !== null && sysctl.running.size + sysctl.written.size > 0) ||
  (sockets !== null && sockets.rows.length > 0) ||
  procSockets.length > 0 ||
  tcpMetrics !== null;
