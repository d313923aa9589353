import type { Conduct } from './kind.ts';
import type { MachineName } from './machines.ts';

/** A host of the embedded fleet. */
export interface DemoHost {
  readonly name: string;
  readonly group: string;
  readonly machine: MachineName;
  readonly conduct: Conduct;
  /** Counts from 0 within the fleet. */
  readonly number: number;
}

/** Some hosts that are alike. */
interface Block {
  readonly group: string;
  readonly machine: MachineName;
  readonly conduct?: Exclude<Conduct, 'answers'>;
  /** How many of the default fleet; blocks that grow keep these proportions in larger ones. */
  readonly count: number;
  /** Rare things stay as rare in a large fleet as they are in the default one. */
  readonly grows: boolean;
}

/** In the order in which a small fleet takes them: one of each, what matters most first. */
const blocks: readonly Block[] = [
  { group: 'web', machine: 'firing', count: 9, grows: true },
  { group: 'api', machine: 'debian12', count: 6, grows: true },
  { group: 'shop', machine: 'overflowing', count: 2, grows: true },
  { group: 'db', machine: 'fixedUntilReboot', count: 2, grows: true },
  { group: 'pay', machine: 'exposed', count: 2, grows: true },
  { group: 'edge', machine: 'firingWithoutNat', count: 2, grows: true },
  { group: 'old', machine: 'fired', count: 2, grows: true },
  { group: 'batch', machine: 'latent', count: 2, grows: true },
  { group: 'lab', machine: 'inert', count: 1, grows: true },
  { group: 'proxy', machine: 'busybox', count: 1, grows: true },
  { group: 'old', machine: 'fired', conduct: 'unreachable', count: 1, grows: false },
  { group: 'gw', machine: 'debian12', conduct: 'changed-key', count: 1, grows: false },
  { group: 'nas', machine: 'debian12', conduct: 'silent', count: 1, grows: false },
  { group: 'web', machine: 'debian12', count: 3, grows: true },
  { group: 'db', machine: 'rhel9', count: 4, grows: true },
  { group: 'cache', machine: 'ubuntu2204', count: 3, grows: true },
];

const total = (of: readonly Block[]): number => of.reduce((sum, block) => sum + block.count, 0);

/** Hosts of the demo if nobody says otherwise. */
export const defaultHosts = total(blocks);

/** How many hosts each block gets. Largest remainders, so that the sum is exact. */
function shares(hosts: number, available: readonly Block[]): number[] {
  if (hosts < available.length) return available.map((_, index) => (index < hosts ? 1 : 0));
  const growing = total(available.filter(block => block.grows));
  const fixed = total(available) - growing;
  const room = hosts - fixed;
  const exact = available.map(block => (block.grows ? Math.max(1, (room * block.count) / growing) : block.count));
  const counts = exact.map(Math.floor);
  const byRemainder = exact.map((share, index) => ({ index, rest: share % 1 })).sort((a, b) => b.rest - a.rest);
  let missing = hosts - counts.reduce((sum, count) => sum + count, 0);
  for (let turn = 0; missing !== 0; turn++) {
    const index = byRemainder[turn % byRemainder.length]?.index ?? 0;
    const step = Math.sign(missing);
    if ((counts[index] ?? 0) + step < 1) continue;
    counts[index] = (counts[index] ?? 0) + step;
    missing -= step;
  }
  return counts;
}

/** Which kinds of hosts a fleet may have. */
export interface RosterOptions {
  readonly hosts: number;
  /** Whether this machine has a busybox; without one there is no host of that kind. */
  readonly hasBusybox: boolean;
  /** False: every host answers. */
  readonly isFaulty: boolean;
}

/** The fleet of a demo: `hosts` hosts of believable names, of every kind if there are enough of them. */
export function roster({ hosts, hasBusybox, isFaulty }: RosterOptions): readonly DemoHost[] {
  const available = blocks.filter(
    block => (hasBusybox || block.machine !== 'busybox') && (isFaulty || block.conduct === undefined),
  );
  const counts = shares(hosts, available);
  const members = available.flatMap((block, index) => Array<Block>(counts[index] ?? 0).fill(block));
  const sizes = new Map<string, number>();
  for (const { group } of members) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const taken = new Map<string, number>();
  return members.map(({ group, machine, conduct }, number) => {
    const place = (taken.get(group) ?? 0) + 1;
    taken.set(group, place);
    const name = `${group}${String(place).padStart(String(sizes.get(group)).length, '0')}`;
    return { name, group, machine, conduct: conduct ?? 'answers', number };
  });
}
