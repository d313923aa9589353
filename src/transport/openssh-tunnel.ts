/** A tunnel over one `ssh` that starts nothing on the host, and shares its connection at a socket that is ours alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectPlan } from '../model/plan.ts';
import { startCourse } from './course.ts';
import { bounded } from './deadline.ts';
import { asRefusal, endpoint, Refusal } from './errors.ts';
import { createMuxForwarder } from './mux-channels.ts';
import { sharingArguments } from './openssh-arguments.ts';
import type { SshProcess } from './openssh-child.ts';
import { refusalOfEnd, type SharedSsh, type SshRoute, withSsh } from './openssh-connect.ts';
import { notesOfSsh } from './openssh-errors.ts';
import type { TunnelOpening, VisitWatch } from './transport.ts';
import { createTunnel, type OwnedTunnel } from './tunnel.ts';
import { firstAnswers } from './tunnel-opening.ts';

/** From the login to the socket. Unit: ms. */
const sharedMs = 5_000;
/** Between two looks for the socket. Unit: ms. */
const lookMs = 20;
/** From the end of the socket to the end of ssh. Unit: ms. */
const endMs = 1_000;

/** Tunnels that are not over, each as what closes it and waits until nothing is left of it. */
export type OpenTunnels = Set<() => Promise<void>>;

/** What tunnels of one run share. */
export interface TunnelShare {
  readonly shared: SharedSsh;
  readonly tunnels: OpenTunnels;
}

/** Opens it; ssh and the directory of its socket end with it. Never rejects. */
export function openSshTunnel(
  plan: ConnectPlan,
  watch: VisitWatch,
  { shared, tunnels }: TunnelShare,
): Promise<TunnelOpening> {
  const course = startCourse(plan, 0, watch);
  const route: SshRoute = { plan, gate: watch.gate, course, notes: new Set(), shared };
  return new Promise(resolve => {
    let opened: OwnedTunnel | undefined;
    const onOpen = (tunnel: OwnedTunnel, notes: readonly string[]): void => {
      course.end();
      opened = tunnel;
      resolve({ ok: true, tunnel, notes });
    };
    const over = inDirectory(directory => {
      const socket = join(directory, 'ssh');
      return withSsh(route, abilities => ({
        args: sharingArguments(plan, abilities, socket),
        isDeaf: true,
        use: ssh => serve(route, { ssh, socket, onOpen }),
        end: () => {},
      }));
    }).catch(caught => {
      course.end();
      resolve({ ok: false, error: asRefusal(caught, course.phase()).error });
    });
    const end = (): Promise<void> => {
      opened?.close();
      return over;
    };
    tunnels.add(end);
    void over.then(() => tunnels.delete(end));
  });
}

/** A directory that others cannot enter, for as long as `work` takes. */
async function inDirectory<T>(work: (path: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'synaudit-'));
  try {
    return await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

interface SharingSsh {
  readonly ssh: SshProcess;
  readonly socket: string;
  readonly onOpen: (tunnel: OwnedTunnel, notes: readonly string[]) => void;
}

/** Resolves when the tunnel is over, closed or lost. Rejects with a Refusal where it did not come to be one. */
async function serve(route: SshRoute, { ssh, socket: path, onOpen }: SharingSsh): Promise<void> {
  const { plan, course } = route;
  const { signal } = course;
  let finish = (): void => {};
  const over = new Promise<void>(resolve => {
    finish = resolve;
  });
  let fail = (_: Error): void => {};
  let tunnel: OwnedTunnel | undefined;
  const lose = (refusal: Refusal): void => {
    tunnel?.lose(`the SSH connection to ${plan.host} ended: ${refusal.error.message}`);
    fail(refusal);
    finish();
  };
  const ended = ssh.over.then(end => lose(refusalOfEnd(route, ssh, end)));
  const onSocketLost = (why: string): void => {
    // Mostly because ssh ends, which knows why.
    const waiting = new Promise<void>(resolve => setTimeout(resolve, endMs).unref());
    void Promise.race([ended, waiting]).then(() => lose(notShared(plan, why)));
  };
  await bounded<void>({ ms: sharedMs, signal, onLate: () => notShared(plan, 'no answer') }, ({ resolve, reject }) => {
    fail = reject;
    const stopLooking = whenThere(path, socket => {
      const watch = { onReady: resolve, onLost: onSocketLost, onClose: finish };
      tunnel = createTunnel(plan.host, createMuxForwarder(socket, watch));
    });
    return succeeded => {
      stopLooking();
      if (!succeeded) tunnel?.close();
    };
  });
  if (tunnel === undefined) return;
  await firstAnswers({
    tunnel,
    plan,
    signal,
    onLost: report => {
      fail = report;
    },
  });
  onOpen(tunnel, notesOfSsh(plan, ssh.log));
  await over;
}

/** Connects as soon as somebody listens there. The returned function stops that. */
function whenThere(path: string, onSocket: (socket: Socket) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = (): void => {
    const socket = connectSocket(path);
    const again = (): void => {
      if (!isOver) timer = setTimeout(look, lookMs);
    };
    socket.once('error', again);
    socket.once('connect', () => {
      socket.off('error', again);
      if (isOver) socket.destroy();
      else onSocket(socket);
    });
  };
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

const notShared = (plan: ConnectPlan, why: string): Refusal =>
  new Refusal({
    outcome: 'unsupported',
    phase: 'exec',
    code: 'not-shared',
    message: `the ssh of this machine does not share its connection to ${endpoint(plan)}: ${why}`,
    hint: 'use --transport ssh2',
    retryable: false,
  });
