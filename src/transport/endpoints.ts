/** Logins in progress at one sshd: it drops some of what comes beyond MaxStartups (sshd_config(5), 10:30:100). */
import type { ConnectPlan } from '../model/plan.ts';
import { once } from './deadline.ts';

/** Who logs in at the same time; how many may, follows what the servers bear. */
export interface Crowd {
  /** Resolves, once there is a place, to what gives it back. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** A connection was dropped before the server knew us: half as many at a time from now on. */
  dropped(): void;
  /** A login went through: slowly more again. */
  accepted(): void;
}

/** One address and port, behind the same jump hosts; often the only host there, sometimes many names for one server. */
export interface Endpoint extends Crowd {
  /** Whether others of this run log in there: a drop is then likely of our own making, and soon over. */
  isShared(): boolean;
}

/** The endpoint of one more visit. */
export type Endpoints = (plan: ConnectPlan, hops: readonly ConnectPlan[]) => Endpoint;

/** Below the 10 from which an sshd begins to drop. */
const mostPlaces = 8;

/** The endpoints of one run. */
export function createEndpoints(): Endpoints {
  const endpoints = new Map<string, { readonly crowd: Crowd; visitors: number }>();
  return (plan, hops) => {
    const key = [...hops, plan].map(placeOf).join('\n');
    const entry = endpoints.get(key) ?? { crowd: createCrowd(), visitors: 0 };
    endpoints.set(key, entry);
    entry.visitors += 1;
    return { ...entry.crowd, isShared: () => entry.visitors > 1 };
  };
}

/** A proxy that is `ssh` logs in at one and the same jump host, whichever host it is for. */
function placeOf({ address, port, host, proxyCommand }: ConnectPlan): string {
  if (proxyCommand === undefined || !/\bssh\b/.test(proxyCommand)) return `${address} ${port} ${proxyCommand ?? ''}`;
  return proxyCommand.replaceAll(address, '*').replaceAll(host, '*');
}

/** Nothing is known of the server yet. */
export function createCrowd(): Crowd {
  const waiting = new Set<() => void>();
  let limit = mostPlaces;
  let inside = 0;
  const admit = (): void => {
    for (const take of waiting) {
      if (inside >= Math.floor(limit)) return;
      take();
    }
  };
  const leave = (): void => {
    inside -= 1;
    admit();
  };
  return {
    enter: signal =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const settle = (then: () => void): void => {
          waiting.delete(take);
          signal.removeEventListener('abort', onAbort);
          then();
        };
        const onAbort = (): void => settle(() => reject(signal.reason));
        const take = (): void => {
          inside += 1;
          settle(() => resolve(once(leave)));
        };
        waiting.add(take);
        signal.addEventListener('abort', onAbort);
        admit();
      }),
    dropped: () => {
      limit = Math.max(1, limit / 2);
    },
    accepted: () => {
      limit = Math.min(mostPlaces, limit + 1 / limit);
      admit();
    },
  };
}
