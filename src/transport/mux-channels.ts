/** Channels over an `ssh` that shares its connection at a socket. */
import type { Socket } from 'node:net';
import {
  createPacketCutter,
  endOf,
  type FromServer,
  fromServer,
  ignored,
  message,
  mux,
  muxPacket,
  openDirect,
  openNothing,
} from './mux-packets.ts';
import { openFailureOf } from './open-failure.ts';
import type { ChannelWatch, Forwarder } from './tunnel.ts';

/** How long a target may take to close what it has accepted. Unit: ms. */
const closeMs = 1_000;

/** One channel: what waits for it, and once it is open the server's number for it. */
interface MuxChannel {
  readonly watch: ChannelWatch;
  theirs: number | undefined;
  force: NodeJS.Timeout | undefined;
  hasClosed: boolean;
}

/** Who watches the socket. */
export interface MuxWatch {
  /** Called once: ssh passes on messages. */
  readonly onReady: () => void;
  /** Called at most once; ssh, or what answers there, is of no use any more. */
  readonly onLost: (why: string) => void;
  /** Ends ssh. */
  readonly onClose: () => void;
}

/** Greets the ssh behind a connected socket, and asks it to pass on messages. */
export function createMuxForwarder(socket: Socket, { onReady, onLost, onClose }: MuxWatch): Forwarder {
  const channels = new Map<number, MuxChannel>();
  const cutter = createPacketCutter();
  let next = 0;
  let step: 'hello' | 'proxy' | 'ready' | 'over' = 'hello';

  const lose = (why: string): void => {
    if (step === 'over') return;
    step = 'over';
    for (const { force } of channels.values()) clearTimeout(force);
    channels.clear();
    socket.destroy();
    onLost(why);
  };
  const add = (watch: ChannelWatch): number => {
    if (step !== 'ready') throw new Error('not connected');
    const id = next;
    next = (next + 1) % 2 ** 31;
    channels.set(id, { watch, theirs: undefined, force: undefined, hasClosed: false });
    return id;
  };
  const close = (channel: MuxChannel): void => {
    if (channel.hasClosed || channel.theirs === undefined || step !== 'ready') return;
    channel.hasClosed = true;
    socket.write(endOf(message.close, channel.theirs));
  };
  const take = (from: Exclude<FromServer, { type: 'other' }>): void => {
    const channel = channels.get(from.channel);
    if (channel === undefined) return;
    if (from.type === 'confirmed' && channel.theirs === undefined) {
      channel.theirs = from.theirs;
      channel.watch.onAnswer(undefined, '');
      // Ended in order: the target has a moment to close, too.
      channel.force = setTimeout(() => close(channel), closeMs);
      socket.write(endOf(message.eof, from.theirs));
    } else if (from.type === 'failed' && channel.theirs === undefined) {
      channels.delete(from.channel);
      channel.watch.onAnswer(openFailureOf({ reason: from.reason, message: from.said }), from.said);
      channel.watch.onGone();
    } else if (from.type === 'eof') {
      close(channel);
    } else if (from.type === 'close') {
      close(channel);
      clearTimeout(channel.force);
      channels.delete(from.channel);
      channel.watch.onGone();
    }
  };
  const takeBody = (body: Buffer): void => {
    const code = body.length >= 4 ? body.readUInt32BE(0) : undefined;
    if (step === 'hello' && code === mux.hello) {
      step = 'proxy';
      socket.write(Buffer.concat([muxPacket(mux.hello, mux.version), muxPacket(mux.proxy, 0)]));
    } else if (step === 'proxy' && code === mux.proxyAnswer) {
      step = 'ready';
      onReady();
    } else if (step === 'ready') {
      const from = fromServer(body);
      if (from === null) lose('it sent what is no message');
      else if (from.type !== 'other') take(from);
      // sshd holds its next answer back until the receipt of this one, which goes along with anything that is sent.
      if (!socket.destroyed) socket.write(ignored);
    } else {
      lose('it does not pass on messages, as OpenSSH does from 7.4 on');
    }
  };
  socket.on('data', (chunk: Buffer) => {
    const bodies = cutter.add(chunk);
    if (bodies === null) lose('it sent what is no message');
    for (const body of bodies ?? []) takeBody(body);
  });
  socket.on('error', () => {});
  socket.on('close', () => lose('it ended'));
  return {
    open: (target, watch) => {
      socket.write(openDirect(add(watch), target));
    },
    ping: onAnswer => {
      socket.write(openNothing(add({ onAnswer: () => onAnswer(), onGone: () => {} })));
    },
    close: () => {
      lose('it was closed');
      onClose();
    },
  };
}
