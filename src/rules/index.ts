import abortOnOverflow from './abort-on-overflow.ts';
import acceptQueueOverflow from './accept-queue-overflow.ts';
import challengeAck from './challenge-ack.ts';
import checksumErrors from './checksum-errors.ts';
import conntrackFull from './conntrack-full.ts';
import conntrackInsertFailed from './conntrack-insert-failed.ts';
import type { Rule } from './define.ts';
import legacySsh from './legacy-ssh.ts';
import md5Mismatch from './md5-mismatch.ts';
import neighbourOverflow from './neighbour-overflow.ts';
import nicDrops from './nic-drops.ts';
import orphanPressure from './orphan-pressure.ts';
import portExhaustion from './port-exhaustion.ts';
import rfc1337 from './rfc1337.ts';
import rpFilterDrops from './rp-filter-drops.ts';
import softnetDrops from './softnet-drops.ts';
import synQueueFull from './syn-queue-full.ts';
import synackLost from './synack-lost.ts';
import syncookiesOff from './syncookies-off.ts';
import tcpBacklogDrops from './tcp-backlog-drops.ts';
import tcpMemoryPressure from './tcp-memory-pressure.ts';
import timeWaitCollision from './time-wait-collision.ts';
import timeWaitOverflow from './time-wait-overflow.ts';
import timestampsOff from './timestamps-off.ts';
import twRecycle from './tw-recycle.ts';
import twRecyclePersisted from './tw-recycle-persisted.ts';
import unexplainedListenDrops from './unexplained-listen-drops.ts';
import zeroBacklog from './zero-backlog.ts';

/** Every rule, in the order in which findings of equal severity are shown. */
export const rules: readonly Rule[] = [
  twRecycle,
  twRecyclePersisted,
  acceptQueueOverflow,
  synQueueFull,
  syncookiesOff,
  abortOnOverflow,
  timeWaitCollision,
  rfc1337,
  challengeAck,
  synackLost,
  zeroBacklog,
  rpFilterDrops,
  conntrackFull,
  conntrackInsertFailed,
  neighbourOverflow,
  softnetDrops,
  nicDrops,
  checksumErrors,
  tcpMemoryPressure,
  timeWaitOverflow,
  orphanPressure,
  portExhaustion,
  md5Mismatch,
  tcpBacklogDrops,
  timestampsOff,
  unexplainedListenDrops,
  legacySsh,
];
