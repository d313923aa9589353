import type { Kernel } from './kernel.ts';
import type { ClientGroup } from './sockets.ts';
import type { Entries } from './sysctl-files.ts';

/** A counter: what it stands at when the demo starts, and how fast it rises from then on. Unit: 1, 1/s. */
export type Motion = readonly [sinceBoot: number, perSecond: number];

/** One kind of machine: everything but its name and number. */
export interface MachineKind {
  readonly kernel: Kernel;
  /** `PRETTY_NAME`, or the line of redhat-release where `releaseFile` is that. */
  readonly os: { readonly file: 'etc/os-release' | 'etc/redhat-release'; readonly name: string };
  readonly uptimeDays: number;
  /** What differs from the kernel's defaults, by dotted key without `net.`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly files: Entries;
  /** Beyond ordinary traffic. */
  readonly counters: Readonly<Record<string, Motion>>;
  readonly listening: readonly number[];
  readonly clients: readonly ClientGroup[];
  readonly dualStack: boolean;
  /** Which shell the machine has. */
  readonly shell: 'sh' | 'busybox';
}

/** What a host does when somebody comes. */
export type Conduct = 'answers' | 'unreachable' | 'changed-key' | 'silent';
