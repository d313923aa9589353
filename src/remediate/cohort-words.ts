import type { PlannedChange, PlannedTarget } from '../model/remediation.ts';
import { foldHosts } from '../text/host-set.ts';

/** `web[01-12]`. */
export const folded = (hosts: readonly Pick<PlannedTarget, 'name'>[]): string =>
  foldHosts(hosts.map(({ name }) => name));

/** `net.ipv4.tcp_tw_recycle 1 -> 0`; without the running value where only the files are wrong. */
export const changeInWords = ({ key, from, to }: Pick<PlannedChange, 'key' | 'from' | 'to'>): string =>
  from === to ? `${key} = ${to} at boot` : `${key} ${from} -> ${to}`;

/** `1 host`, `12 hosts`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Why a rule does not get the value that it wants. */
export const whoWins = 'of rules that disagree the most severe one decides, else the first';
