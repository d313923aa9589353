/** Tunnels for the time of a test, and what they lead to. */
import { connect, createServer, type Server } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import type { Attempt, ProbeTarget, Tunnel } from '../../src/model/probe.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { startProgram } from '../netns/program.ts';
import type { RunningServer } from './server-process.ts';
import { watchOf } from './visits.ts';

/** A tunnel for the time of `use`. */
export async function through<T>(by: Transport, plan: ConnectPlan, use: (tunnel: Tunnel) => Promise<T>): Promise<T> {
  const opening = await by.openTunnel?.(plan, watchOf());
  if (opening?.ok !== true) throw new Error(opening === undefined ? 'no tunnels' : opening.error.message);
  try {
    return await use(opening.tunnel);
  } finally {
    opening.tunnel.close();
  }
}

/** The error of a tunnel that must not open. */
export async function tunnelFailure(by: Transport, plan: ConnectPlan) {
  const opening = await by.openTunnel?.(plan, watchOf());
  if (opening?.ok !== false) throw new Error('there is a tunnel');
  return opening.error;
}

/** Waits until the server has logged an attempt and, behind it, the end of its connection: that of an earlier one may come late. */
export const ended = ({ log }: RunningServer, mark = 0): Promise<void> =>
  expect
    .poll(() => log().slice(mark), { timeout: 10_000 })
    .toMatch(/ctype direct-tcpip[\s\S]*(?:Disconnected from|Connection closed by|Received disconnect)/);

const nobody = new AbortController().signal;

/** One attempt that nobody interrupts. */
export const attempt = (tunnel: Tunnel, to: ProbeTarget, timeoutMs = 2_000): Promise<Attempt> =>
  tunnel.connect(to, { timeoutMs, signal: nobody });

/** A server that accepts, and greets if told to. */
export interface Greeter {
  readonly target: ProbeTarget;
  readonly accepted: () => number;
  readonly greet: (does: boolean) => void;
  readonly close: () => void;
}

/** Starts it on loopback. */
export function startGreeter(): Promise<Greeter> {
  let accepted = 0;
  let greets = false;
  const server: Server = createServer(socket => {
    accepted += 1;
    socket.on('error', () => {});
    if (greets) socket.write('220 hello\r\n');
    socket.resume();
  });
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address !== 'object') return reject(new Error('no port'));
      resolve({
        target: { host: '127.0.0.1', port: address.port },
        accepted: () => accepted,
        greet: does => {
          greets = does;
        },
        close: () => server.close(),
      });
    });
  });
}

/** Listens with backlog 0 and accepts nothing before it is told to. */
const listenScript = `
use Socket;
socket(my $l, PF_INET, SOCK_STREAM, 0) or die; bind($l, pack_sockaddr_in(0, inet_aton('127.0.0.1'))) or die; listen($l, 0) or die;
my $go = 0; $SIG{USR1} = sub { $go = 1 }; alarm 60; $| = 1;
print 'port ', (unpack_sockaddr_in(getsockname($l)))[0], "\\n";
sleep 1 until $go;
while (accept(my $c, $l)) { close $c }`;

/** A port that leaves SYNs without an answer, as its accept queue is full, until `accept` makes room. */
export async function fullQueue(): Promise<ProbeTarget & { readonly accept: () => void }> {
  const program = await startProgram(['perl', '-e', listenScript], /port \d+/);
  const port = Number(/port (\d+)/.exec(program.output())?.[1]);
  const fill = [1, 2].map(() => connect({ host: '127.0.0.1', port }).on('error', () => {}));
  onTestFinished(async () => {
    for (const socket of fill) socket.destroy();
    await program.stop();
  });
  await new Promise(resolve => fill[0]?.once('connect', resolve));
  return { host: '127.0.0.1', port, accept: () => void process.kill(program.pid, 'SIGUSR1') };
}
