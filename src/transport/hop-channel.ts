/** Streams to hosts behind a jump host: SSH channels of type `direct-tcpip` (RFC 4254 7.2). */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import { bounded } from './deadline.ts';
import { connectLate, Refusal, unreachable } from './errors.ts';
import { type OpenFailure, openFailureOf } from './open-failure.ts';

/** A stream to a host behind a hop. */
export type OpenChannel = (plan: ConnectPlan, signal: AbortSignal) => Promise<Duplex>;

/** A connected jump host. `lost` is set once the connection has ended. */
export interface ConnectedHop {
  readonly hop: ConnectPlan;
  readonly client: Client;
  readonly state: { lost: boolean };
}

/** Opens streams to hosts behind the hop; a Refusal is of the host, or of the hop (then `hop` is set). */
export function channelOpener({ hop, client, state }: ConnectedHop): OpenChannel {
  return (plan, signal) => {
    const bounds = { ms: plan.deadlines.connectMs, signal, onLate: () => connectLate(plan, hop.host) };
    return bounded<Duplex>(bounds, ({ resolve, reject }) => {
      let given = false;
      const onChannel = (error: Error | undefined, channel: ClientChannel): void => {
        if (error !== undefined) reject(state.lost ? hopLost(hop) : openFailure(error, plan, hop));
        else if (given) channel.destroy();
        else resolve(channel);
      };
      try {
        client.forwardOut('127.0.0.1', 0, plan.address, plan.port, onChannel);
      } catch {
        state.lost = true;
        reject(hopLost(hop));
      }
      return () => {
        given = true;
      };
    });
  };
}

/** The connection to the hop ended under a visit. */
export const hopLost = (hop: ConnectPlan): Refusal =>
  new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'hop-lost',
    message: `the connection to jump host ${hop.host} ended`,
    hint: 'look at the log of sshd on the jump host',
    hop: hop.host,
    retryable: true,
  });

const hopBusy = (hop: ConnectPlan): Refusal =>
  new Refusal({
    outcome: 'unreachable',
    phase: 'connect',
    code: 'hop-busy',
    message: `jump host ${hop.host} opens no further channel`,
    hint: 'raise the descriptor limit of sshd on the jump host, or lower --max-open',
    hop: hop.host,
    retryable: true,
  });

/** Anything but a refusal to forward, and a hop that can open no more, is about the host behind. */
function openFailure(error: Error, plan: ConnectPlan, hop: ConnectPlan): Refusal {
  const failure = openFailureOf(error);
  if (failure === 'prohibited') {
    return new Refusal({
      outcome: 'unreachable',
      phase: 'connect',
      code: 'forwarding-refused',
      message: `jump host ${hop.host} refuses to forward to ${plan.address} port ${plan.port}`,
      hint: 'see AllowTcpForwarding and PermitOpen in sshd_config of the jump host',
      hop: hop.host,
      retryable: false,
    });
  }
  if (failure === 'exhausted') return hopBusy(hop);
  return unreachable(plan, errnoOf[failure] ?? 'EHOSTUNREACH', hop.host);
}

const errnoOf: Readonly<Partial<Record<OpenFailure, string>>> = {
  refused: 'ECONNREFUSED',
  unresolved: 'ENOTFOUND',
  'timed-out': 'ETIMEDOUT',
};
