/** A tunnel over a session of ssh2. */
import type { Client, ClientChannel } from 'ssh2';
import type { ConnectPlan } from '../model/plan.ts';
import type { ProbeTarget } from '../model/probe.ts';
import type { Course } from './course.ts';
import { hopLost } from './hop-channel.ts';
import type { HopLease } from './hops.ts';
import { openFailureOf } from './open-failure.ts';
import type { Session } from './session.ts';
import { type ChannelWatch, createTunnel, type Forwarder, type OwnedTunnel } from './tunnel.ts';
import { firstAnswers } from './tunnel-opening.ts';

/** A session that becomes a tunnel. */
export interface TunnelRequest {
  readonly session: Session;
  readonly plan: ConnectPlan;
  readonly through: HopLease | undefined;
  readonly course: Course;
  /** Told once the server has answered; the session then belongs to the tunnel. */
  readonly onOpen: (tunnel: OwnedTunnel) => void;
}

/** How long a target may take to close what it has accepted. Unit: ms. */
const closeMs = 1_000;

/** Resolves when the tunnel is over, closed or lost. Rejects with a Refusal where it did not come to be one. */
export async function serveTunnel({ session, plan, through, course, onOpen }: TunnelRequest): Promise<void> {
  let finish = (): void => {};
  const over = new Promise<void>(resolve => {
    finish = resolve;
  });
  const tunnel = createTunnel(plan.host, forwarderOf(session.client, finish));
  course.enter('exec');
  await firstAnswers({ tunnel, plan, signal: course.signal, onLost: report => session.onLost('exec', report) });
  session.onLost('exec', ({ error }) => {
    // The end of the stream through a hop may overtake the end of the hop's own connection.
    setImmediate(() => {
      const { message } = through?.isLost() === true ? hopLost(through.hop).error : error;
      tunnel.lose(`the SSH connection to ${plan.host} ended: ${message}`);
      finish();
    });
  });
  onOpen(tunnel);
  await over;
}

/** Channels of type `direct-tcpip`; `onClose` ends the session. */
function forwarderOf(client: Client, onClose: () => void): Forwarder {
  // Our kernel would take 40 ms for the receipt of what came, and sshd keep its next answer back as long: it leaves Nagle's
  // algorithm on. The receipt goes along with anything that is sent; this is a request that wants no answer.
  const confirm = (): void => {
    try {
      client.unforwardIn('127.0.0.1', 0);
    } catch {
      // The connection has ended, which is told elsewhere.
    }
  };
  return {
    open: ({ host, port }: ProbeTarget, { onAnswer, onGone }: ChannelWatch) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error: Error | undefined, channel: ClientChannel) => {
        if (error === undefined) {
          onAnswer(undefined, '');
          closeChannel(channel, confirm, onGone);
          return;
        }
        const failure = openFailureOf(error);
        // Without an answer: the end of the connection, which explains it, is told first.
        if (failure === 'ended') setImmediate(() => onAnswer(failure, error.message));
        else onAnswer(failure, error.message);
        confirm();
        onGone();
      });
    },
    // Cancels a forwarding that there is not (RFC 4254 7.1): every server answers, most with a failure, and does nothing.
    ping: onAnswer => {
      client.unforwardIn('127.0.0.1', 0, () => {
        onAnswer();
        confirm();
      });
    },
    close: onClose,
  };
}

/**
 * Ends the connection in order: we have nothing to say, what comes is confirmed and thrown away, and the target has a
 * moment to close, too. A close with unread data would reset the connection.
 */
function closeChannel(channel: ClientChannel, confirm: () => void, onGone: () => void): void {
  const force = setTimeout(() => channel.close(), closeMs);
  channel.on('error', () => {});
  channel.on('data', confirm);
  channel.once('end', () => {
    confirm();
    channel.close();
  });
  channel.once('close', () => {
    clearTimeout(force);
    confirm();
    onGone();
  });
  channel.end();
}
