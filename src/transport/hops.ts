/** Jump hosts: one connection per hop, shared by every host behind it. */
import { setMaxListeners } from 'node:events';
import type { ConnectPlan } from '../model/plan.ts';
import { type Crowd, createCrowd } from './endpoints.ts';
import { asRefusal, interrupted, throughHop } from './errors.ts';
import { channelOpener, type OpenChannel } from './hop-channel.ts';
import { createPlaces, type Places } from './places.ts';
import type { Session } from './session.ts';
import type { HandshakeGate } from './transport.ts';

/** Channels through one hop. Each is a socket of its sshd, whose process has 1024 descriptors where nobody says otherwise. */
const channelsPerHop = 256;
/** How long an unused hop stays connected: hosts behind it come one after the other. */
const idleMs = 5_000;
/** How long a hop that failed is not tried again: a thousand hosts behind it must not each wait for it. */
const failureMs = 10_000;

/** Who waits for a hop, and the gate that its handshake passes if it has to be connected. */
interface HopRequest {
  readonly gate: HandshakeGate;
  readonly signal: AbortSignal;
}

/** Connects to one hop itself: directly, or over a stream through the hop before it. */
export type ConnectHop = (hop: ConnectPlan, through: HopLease | undefined, request: HopRequest) => Promise<Session>;

/** A share of a hop's connection. */
export interface HopLease {
  readonly hop: ConnectPlan;
  /** All hops up to this one. */
  readonly chain: readonly ConnectPlan[];
  /** Handshakes in flight through the hop: many hosts behind it may be one sshd with many addresses. */
  readonly handshakes: Crowd;
  /** Hosts behind the hop that are connected, or about to be. */
  readonly channels: Places;
  /** A stream to a host behind the hop; rejects with a Refusal of the host, or of the hop (then `hop` is set). */
  readonly open: OpenChannel;
  /** Whether the hop's connection is gone. */
  readonly isLost: () => boolean;
  readonly release: () => void;
}

export interface HopPool {
  /** A share of the last hop of a chain; undefined where there is none. Rejects with a Refusal that names the hop. */
  readonly lease: (hops: readonly ConnectPlan[], request: HopRequest) => Promise<HopLease | undefined>;
  readonly close: () => void;
}

interface SharedHop {
  readonly ready: Promise<Session>;
  /** Ends the connection, and the share of the hop before it. */
  readonly drop: () => void;
  readonly handshakes: Crowd;
  readonly channels: Places;
  users: number;
  lost: boolean;
  failedAt: number | undefined;
  idle: NodeJS.Timeout | undefined;
}

/** The hops of one run. */
export function createHopPool(connect: ConnectHop): HopPool {
  const shared = new Map<string, SharedHop>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  const lease: HopPool['lease'] = async (hops, { gate, signal }) => {
    const hop = hops.at(-1);
    if (hop === undefined) return undefined;
    const key = keyOf(hops);
    let entry = shared.get(key);
    if (entry === undefined || isStale(entry)) {
      const before = lease(hops.slice(0, -1), { gate, signal: closing.signal });
      entry = startHop(before, through => connect(hop, through, { gate, signal: closing.signal }));
      shared.set(key, entry);
    }
    const current = entry;
    const release = use(current, () => {
      if (shared.get(key) === current) shared.delete(key);
    });
    try {
      const { client } = await orAborted(current.ready, signal);
      return {
        hop,
        chain: hops,
        handshakes: current.handshakes,
        channels: current.channels,
        release,
        isLost: () => current.lost,
        open: channelOpener({ hop, client, state: current }),
      };
    } catch (error) {
      release();
      throw throughHop(asRefusal(error, 'connect'), hop);
    }
  };
  const close = (): void => {
    closing.abort(interrupted('connect'));
    for (const { drop, idle } of shared.values()) {
      clearTimeout(idle);
      drop();
    }
    shared.clear();
  };
  return { lease, close };
}

function startHop(
  before: Promise<HopLease | undefined>,
  connect: (through: HopLease | undefined) => Promise<Session>,
): SharedHop {
  const ready = before.then(connect);
  const leave = (): void => {
    before.then(through => through?.release()).catch(() => {});
  };
  const drop = (): void => {
    ready.then(session => session.close()).catch(() => {});
    leave();
  };
  const [handshakes, channels] = [createCrowd(), createPlaces(channelsPerHop)];
  const entry: SharedHop = {
    ready,
    drop,
    handshakes,
    channels,
    users: 0,
    lost: false,
    failedAt: undefined,
    idle: undefined,
  };
  ready.then(
    session =>
      session.onLost('exec', () => {
        entry.lost = true;
        leave();
      }),
    () => {
      entry.failedAt = performance.now();
      leave();
    },
  );
  return entry;
}

/** What makes two hops one connection. */
const keyOf = (hops: readonly ConnectPlan[]): string =>
  JSON.stringify(
    hops.map(({ address, port, user, identityFiles, hostKeys, proxyCommand, bindAddress, bindInterface }) => [
      address,
      port,
      user,
      identityFiles,
      hostKeys,
      proxyCommand,
      bindAddress ?? bindInterface,
    ]),
  );

const isStale = ({ lost, failedAt }: SharedHop): boolean =>
  lost || (failedAt !== undefined && performance.now() - failedAt > failureMs);

function use(entry: SharedHop, forget: () => void): () => void {
  clearTimeout(entry.idle);
  entry.users += 1;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    entry.users -= 1;
    if (entry.users > 0 || entry.failedAt !== undefined) return;
    entry.idle = setTimeout(() => {
      forget();
      entry.drop();
    }, idleMs);
    entry.idle.unref();
  };
}

/** A promise shared with others, of which this visit only waits as long as it lives. */
function orAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
