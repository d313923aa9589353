import { describe, expect, test } from 'vitest';
import { createPacketCutter, endOf, fromServer, message, openDirect, uint32 } from '../../src/transport/mux-packets.ts';
import { type OpenFailure, openFailureOf } from '../../src/transport/open-failure.ts';
import { type ChannelWatch, createTunnel } from '../../src/transport/tunnel.ts';
import fc from '../fast-check.ts';

describe('why a channel is not opened', () => {
  const ssh2 = '(SSH) Channel open failure: ';
  // RFC 4254 5.1; words of OpenSSH 9.2, of dropbear 2022.83, of glibc and musl.
  test.each<[number | string | undefined, string, OpenFailure]>([
    [1, 'open failed', 'prohibited'],
    [1, 'Connection refused', 'prohibited'],
    [4, 'open failed', 'exhausted'],
    [2, 'Too many open files', 'exhausted'],
    [2, 'Cannot assign requested address', 'exhausted'],
    [2, 'Operation not permitted', 'blocked'],
    [2, 'Connection refused', 'refused'],
    [2, 'Connection reset by peer', 'reset'],
    [2, 'Connection timed out', 'timed-out'],
    [2, 'Operation timed out', 'timed-out'],
    [2, 'Name or service not known', 'unresolved'],
    [2, 'Name does not resolve', 'unresolved'],
    [2, 'Temporary failure in name resolution', 'unresolved'],
    [2, 'No address associated with hostname', 'unresolved'],
    [2, "Error resolving 'web' port '80'. Name or service not known", 'unresolved'],
    [2, 'No route to host', 'no-route'],
    [2, 'Network is unreachable', 'no-route'],
    [2, 'open failed', 'failed'],
    [3, 'unknown channel type', 'failed'],
    [4_294_967_295, '', 'failed'],
    ['', 'server closed channel unexpectedly', 'ended'],
    [undefined, 'No response from server', 'ended'],
  ])('code %j, "%s": %s', (reason, said, failure) => {
    expect(openFailureOf({ reason, message: ssh2 + said })).toBe(failure);
  });
});

describe('what a server says', () => {
  const tunnelThatHears = (say: (watch: ChannelWatch) => void) =>
    createTunnel('web01', {
      open: (_, watch) => say(watch),
      ping: onAnswer => setImmediate(onAnswer),
      close: () => {},
    });
  const options = { timeoutMs: 1_000, signal: new AbortController().signal };
  const target = { host: '192.0.2.1', port: 80 };

  test('is one short line without control characters, whatever it was', async () => {
    const said = `(SSH) Channel open failure: \x1b]0;pwned\x07\r\n${'x'.repeat(100_000)}`;
    const { outcome, why = '' } = await tunnelThatHears(({ onAnswer }) => onAnswer('failed', said)).connect(
      target,
      options,
    );
    expect(outcome).toBe('unreachable');
    expect(why.length).toBeLessThanOrEqual(160);
    expect(why).toMatch(/^[ -~]+$/);
  });

  test('nothing: there are words for it', async () => {
    const tunnel = tunnelThatHears(({ onAnswer }) => onAnswer('failed', '(SSH) Channel open failure: '));
    expect(await tunnel.connect(target, options)).toMatchObject({ why: 'the server gives no reason' });
  });

  test('twice: the first counts', async () => {
    const tunnel = tunnelThatHears(({ onAnswer }) => {
      onAnswer('refused', 'Connection refused');
      onAnswer(undefined, '');
    });
    expect(await tunnel.connect(target, options)).toMatchObject({ outcome: 'refused' });
    expect(tunnel.pending()).toBe(0);
  });

  test('that it gives no channel back: 256 of them, then none', async () => {
    const tunnel = tunnelThatHears(({ onAnswer }) => onAnswer(undefined, ''));
    for (let n = 0; n < 256; n++) expect((await tunnel.connect(target, options)).outcome).toBe('connected');
    expect(await tunnel.connect(target, options)).toMatchObject({ outcome: 'not-sent' });
  });

  test('an error where the connection is gone is no exception', async () => {
    const tunnel = tunnelThatHears(() => {
      throw new Error('Not connected');
    });
    const why = 'the SSH connection to web01 ended';
    expect(await tunnel.connect(target, options)).toMatchObject({ outcome: 'not-sent', why });
    expect(tunnel.lost()).toBe(why);
  });
});

describe('packets of a shared connection', () => {
  const failed = (said: string): Buffer => {
    const words = Buffer.from(said);
    const parts = [Buffer.from([0, message.failed]), uint32(7), uint32(2), uint32(words.length), words, uint32(0)];
    return Buffer.concat(parts);
  };

  test('are read', () => {
    expect(fromServer(failed('Connection refused'))).toEqual({
      type: 'failed',
      channel: 7,
      reason: 2,
      said: 'Connection refused',
    });
    expect(fromServer(Buffer.concat([Buffer.from([0, message.confirmed]), uint32(7), uint32(9)]))).toEqual({
      type: 'confirmed',
      channel: 7,
      theirs: 9,
    });
    expect(fromServer(endOf(message.close, 7).subarray(4))).toEqual({ type: 'close', channel: 7 });
    expect(fromServer(Buffer.from([0, message.data]))).toEqual({ type: 'other' });
  });

  test('are written as RFC 4254 7.2 has them', () => {
    const packet = openDirect(3, { host: '::1', port: 443 });
    expect(packet.readUInt32BE(0)).toBe(packet.length - 4);
    expect(packet.subarray(4, 6)).toEqual(Buffer.from([0, 90]));
    expect(packet.toString('latin1')).toContain('\0\0\0\x0cdirect-tcpip\0\0\0\x03');
    expect(packet.toString('latin1')).toContain('\0\0\0\x03::1\0\0\x01\xbb\0\0\0\x09127.0.0.1');
  });

  test('come whole out of any pieces', () => {
    const stream = [failed('No route to host'), Buffer.from([0, 2]), failed('x'.repeat(3_000))];
    const bytes = Buffer.concat(stream.flatMap(body => [uint32(body.length), body]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), cuts => {
        const { add } = createPacketCutter();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const bodies = edges.slice(1).map((edge, n) => add(bytes.subarray(edges[n], edge)));
        expect(bodies.flat()).toEqual(stream);
      }),
    );
  });

  test('of any bytes: read, or refused; never an exception, and never more than 256 KiB kept', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), chunks => {
        const { add } = createPacketCutter();
        for (const chunk of chunks) for (const body of add(Buffer.from(chunk)) ?? []) fromServer(body);
      }),
    );
    expect(createPacketCutter().add(uint32(256 * 1024 + 1))).toBeNull();
  });
});
