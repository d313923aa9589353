import type { PlannedHost } from '../engine/run.ts';
import type { HostHealth } from '../model/rollout.ts';
import { measure } from '../probe/attempts.ts';
import { changeOf } from '../probe/compare.ts';
import { asShare } from '../probe/tally.ts';
import type { IsWorse } from '../remediate/rollout-gate.ts';
import { connectAttempt, preferredAddress } from '../transport/connect-attempt.ts';

/** Enough to see a tenth of the connections fail, and over in some seconds; a SYN that is sent again after 1 s still counts. */
const options = { attempts: 60, perSecond: 20, concurrency: 60, timeoutMs: 3_000 } as const;

type Connections = NonNullable<HostHealth['probe']>;

/** How connections from here to the services of a host fare; null for a host without services or address, or where none could be made. */
export function connectionsOf(
  hosts: ReadonlyMap<string, PlannedHost>,
): (host: string, signal: AbortSignal) => Promise<Connections | null> {
  return async (name, signal) => {
    const planned = hosts.get(name);
    const services = planned?.host.services ?? [];
    const address = services.length === 0 ? undefined : await preferredAddress(planned?.plan.address ?? name);
    if (address === undefined) return null;
    const targets = services.map(({ name: service, port }) => ({ host: address, port, service }));
    const { all } = await measure(targets, { ...options, winding: signal, now: signal }, connectAttempt);
    // No attempt is no sign of health.
    return all.attempts === 0 ? null : { attempts: all.attempts, failed: all.failures.count };
  };
}

/** Failures that rose beyond what chance explains (Fisher's exact test, 5 %). */
export const isWorse: IsWorse = (before, after) => {
  const change = changeOf(asShare(counted(before)), asShare(counted(after)));
  if (change.verdict !== 'worse') return null;
  return `Connections to its services fail more often: ${after.failed} of ${after.attempts}, before ${before.failed} of ${before.attempts}.`;
};

const counted = ({ attempts, failed }: Connections) => ({ events: failed, of: attempts });
