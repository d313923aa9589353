/** TCP between hosts: listeners that behave in a known way, and clients whose attempts are counted and bounded. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.ts';

const connectProgram = fileURLToPath(new URL('connect.mjs', import.meta.url));
const listenProgram = fileURLToPath(new URL('listen.pl', import.meta.url));

export interface ListenerRequest {
  readonly address: string;
  readonly port: number;
  /** As given to listen(). */
  readonly backlog: number;
  /** `never` accepts nothing; `close` accepts and closes first. */
  readonly mode: 'never' | 'close';
}

/** A listener, until the host ends. */
export async function listenOn(host: Host, { address, port, backlog, mode }: ListenerRequest): Promise<void> {
  await host.startInside(['perl', listenProgram, address, String(port), String(backlog), mode], /^ready$/m);
}

/** What clients do. */
export interface Traffic {
  /** Each attempt goes to the next of these addresses. */
  readonly to: readonly string[];
  readonly port: number;
  /** Source address, where it is not the one that the route gives. */
  readonly from?: string;
  /** Attempts at once, at the start. */
  readonly burst?: number;
  readonly perSecond?: number;
}

/** How the attempts went. Those that are neither connected nor failed got no answer so far. */
export interface Tally {
  readonly attempts: number;
  readonly connected: number;
  readonly failed: number;
  readonly slowestMs: number;
}

/** Longest time that clients go on if nobody stops them. Unit: s. */
const seconds = 30;

/** Starts clients. `stop` gives their tally. */
export async function connectFrom(host: Host, traffic: Traffic): Promise<{ readonly stop: () => Promise<Tally> }> {
  const asked = JSON.stringify({ burst: 0, perSecond: 10, seconds, ...traffic });
  const program = await host.start([process.execPath, connectProgram, asked], /^ready$/m);
  return {
    stop: async () => JSON.parse((await program.stop()).trimEnd().split('\n').at(-1) as string) as Tally,
  };
}

/** Waits until something has come about; throws, naming it, where it does not. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`did not come about: ${what}`);
    await delay(50);
  }
}
