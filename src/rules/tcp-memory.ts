import { ok, type Reading } from '../model/reading.ts';
import type { Evidence } from '../model/rule.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { gaugeEvidence, settingEvidence } from './movement.ts';
import { count } from './wording.ts';

export const tcpMem = 'net.ipv4.tcp_mem';

/** What the TCP buffers of the whole machine hold, and its limits. Unit of all numbers: pages. */
export interface TcpMemory {
  /** TCP.mem of /proc/net/sockstat. */
  readonly held: CounterReading;
  /** Second number of tcp_mem: above it the kernel saves. */
  readonly pressure: number;
  /** Third number of tcp_mem: above it the kernel refuses. */
  readonly most: number;
  /** The three numbers, as the host has them. */
  readonly text: string;
}

/** Level and limits, or null where one of them is not known. Source: sk_prot_mem_limits() in include/net/sock.h. */
export function tcpMemoryOf(held: Reading<CounterReading>, limits: Reading<string>): TcpMemory | null {
  if (held.state !== 'ok' || limits.state !== 'ok') return null;
  const numbers = limits.value.trim().split(/\s+/);
  if (numbers.length !== 3 || !numbers.every(number => /^\d{1,15}$/.test(number))) return null;
  const [, pressure = 0, most = 0] = numbers.map(Number);
  return { held: held.value, pressure, most, text: numbers.join(' ') };
}

/** `TCP holds 190,000 pages now; it saves above 185,000 and refuses above 277,500.` */
export const memoryInWords = (memory: TcpMemory | null): string =>
  memory === null
    ? 'How many pages TCP holds, or may hold, is not known.'
    : `TCP holds ${count(memory.held.value)} pages now; it saves above ${count(memory.pressure)} and refuses above ${count(memory.most)}.`;

export const memoryEvidence = (memory: TcpMemory | null): readonly Evidence[] =>
  memory === null ? [] : [gaugeEvidence(memory.held), ...settingEvidence(tcpMem, ok(memory.text))];
