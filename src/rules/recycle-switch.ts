import type { Facts } from '../model/facts.ts';
import { type Reading, whyMissing } from '../model/reading.ts';
import type { CounterReading } from '../model/snapshot.ts';
import { counterOf, settingOf } from './inputs.ts';
import { writtenInteger } from './integer.ts';

/** The sysctl that the headline rule is about. */
export const recycleKey = 'net.ipv4.tcp_tw_recycle';
/** Without timestamps nothing is remembered, and recycle is without effect. */
export const timestampsKey = 'net.ipv4.tcp_timestamps';

/** SYNs rejected by recycle; nothing else raises it. Source: LINUX_MIB_PAWSPASSIVEREJECTED, in kernels up to 4.11. */
export const rejects = counterOf('proc/net/netstat', 'TcpExt.PAWSPassive');

/** The running value of a switch, as the kernel would print it: on for anything but 0, or hidden for a reason. */
export type Switch =
  | { readonly state: 'on' | 'off'; readonly text: string }
  | { readonly state: 'hidden'; readonly why: string };

/** Reads a running switch from its setting; text that is no integer is hidden, not on. */
export function switchOf(reading: Reading<string>): Switch {
  if (reading.state !== 'ok') return { state: 'hidden', why: whyMissing(reading) };
  const number = writtenInteger(reading.value);
  if (number === null) return { state: 'hidden', why: `malformed: ${JSON.stringify(reading.value.slice(0, 40))}` };
  return { state: number === 0 ? 'off' : 'on', text: String(number) };
}

/** Whether `tcp_tw_recycle` runs. */
export const recycleOf = (facts: Facts): Switch => switchOf(settingOf(recycleKey).read(facts));

/**
 * Why this kernel cannot have the fault, or null. Both the key and the PAWSPassive column left in 4.12; up to 4.10 a child
 * network namespace lacks the key but not the column. Source: 4396e46187ca; kernel-facts A3, A7.
 */
export function withoutRecycle(facts: Facts): string | null {
  const key = settingOf(recycleKey).read(facts);
  const column = rejects.read(facts);
  if (!isGone(key) || !isGone(column)) return null;
  return 'This kernel has neither net.ipv4.tcp_tw_recycle nor its counter PAWSPassive (both left in Linux 4.12).';
}

/** This kernel has no such key or counter; that it was not collected is another matter. */
export const isGone = (reading: Reading<unknown>): boolean =>
  reading.state === 'absent' && reading.why === 'not-in-this-kernel';

/** A counter that could not be read, or did not rise, is not a rise. */
export const rises = (reading: Reading<CounterReading>): boolean =>
  reading.state === 'ok' && reading.value.earlier !== undefined && reading.value.value > reading.value.earlier;
