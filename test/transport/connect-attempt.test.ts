import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connectAttempt, outcomeOf, preferredAddress } from '../../src/transport/connect-attempt.ts';
import { closedPort, patient, serve, serveFullQueue } from '../probe/servers.ts';

const attempt = (port: number, { host = '127.0.0.1', timeoutMs = 2_000, signal = new AbortController().signal } = {}) =>
  connectAttempt({ host, port }, timeoutMs, signal);

test('a server that waits: connected, and both sides close without a reset', async () => {
  const server = await serve(patient);
  const { outcome, ms } = await attempt(server.port);
  expect(outcome).toBe('connected');
  expect(ms).toBeLessThan(500);
  expect([server.accepted(), server.open(), server.ends]).toEqual([1, 0, ['end']]);
});

test('over IPv6, too', async () => {
  const server = await serve(patient, '::1');
  expect((await attempt(server.port, { host: '::1' })).outcome).toBe('connected');
});

test('a server that speaks first gets no reset for what was left unread', async () => {
  const server = await serve(socket => {
    socket.write('220 a greeting\r\n'.repeat(1_000));
    patient(socket);
  });
  expect((await attempt(server.port)).outcome).toBe('connected');
  expect(server.ends).toEqual(['end']);
});

test('a server that closes first: connected', async () => {
  const server = await serve(socket => socket.end());
  expect((await attempt(server.port)).outcome).toBe('connected');
});

test('a server that resets what it has just accepted: reset', async () => {
  const server = await serve(socket => socket.resetAndDestroy());
  expect(await attempt(server.port)).toMatchObject({ outcome: 'reset', why: 'ECONNRESET' });
});

test('a server that answers our end with a reset had taken us in: connected', async () => {
  const server = await serve(socket => {
    socket.resume();
    socket.on('end', () => socket.resetAndDestroy());
  });
  expect((await attempt(server.port)).outcome).toBe('connected');
});

test('a server that never closes is left after a second', async () => {
  const server = await serve(socket => socket.resume());
  const began = performance.now();
  const { outcome, ms } = await attempt(server.port);
  expect(outcome).toBe('connected');
  expect(ms).toBeLessThan(500);
  expect(performance.now() - began).toBeLessThan(2_500);
});

test('nobody listens: refused', async () => {
  expect(await attempt(await closedPort())).toMatchObject({ outcome: 'refused', why: 'ECONNREFUSED' });
});

test('a name is not looked up here, and nothing is sent', async () => {
  expect(await attempt(1, { host: 'web01.example' })).toMatchObject({ outcome: 'not-sent', ms: 0 });
});

/** Keeps this process from running. Unit: ms. */
function beBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('an answer that came in time is no timeout, though this process was too busy to see it', async () => {
  const server = await serve(patient);
  const running = attempt(server.port, { timeoutMs: 100 });
  beBusy(400);
  expect((await running).outcome).toBe('connected');
});

test.each([
  ['connected', () => serve(patient).then(({ port }) => port)],
  ['refused', closedPort],
])(
  '%s so late that a SYN may have been sent again: nothing is known, if this process was too busy to see it',
  async (_, port) => {
    const running = attempt(await port());
    beBusy(1_100);
    expect(await running).toMatchObject({ outcome: 'not-sent', why: expect.stringContaining('too busy') });
  },
);

test('an answer to the SYN sent after the timeout is a timeout, though this process was too busy to give up in time', async () => {
  const server = await serveFullQueue();
  const running = attempt(server.port, { timeoutMs: 900 });
  await setTimeout(400);
  server.admit();
  beBusy(1_000);
  expect((await running).outcome).toBe('timeout');
});

test('an aborted signal ends it at once', async () => {
  const server = await serve(socket => socket.resume());
  const cut = new AbortController();
  const running = attempt(server.port, { signal: cut.signal, timeoutMs: 60_000 });
  cut.abort();
  expect((await running).outcome).toBe('not-sent');
  expect((await attempt(server.port, { signal: cut.signal })).outcome).toBe('not-sent');
});

test('hundreds of attempts leave no descriptor behind', async () => {
  const server = await serve(patient);
  const closed = await closedPort();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const many = async () =>
    Promise.all(Array.from({ length: 100 }, (_, i) => attempt(i % 2 === 0 ? server.port : closed)));
  await many();
  const before = descriptors();
  const attempts = [...(await many()), ...(await many()), ...(await many())];
  expect(attempts.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['connected', 'refused']));
  expect(descriptors()).toBeLessThanOrEqual(before + 5);
});

test.each([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'not-sent'],
  ['EMFILE', 'not-sent'],
  ['EPERM', 'not-sent'],
  ['constructor', 'not-sent'],
])('%s is %s', (errno, outcome) => {
  expect(outcomeOf(errno)).toBe(outcome);
});

test('the address of a name, looked up once', async () => {
  expect(await preferredAddress('192.0.2.1')).toBe('192.0.2.1');
  expect(['127.0.0.1', '::1']).toContain(await preferredAddress('localhost'));
  expect(await preferredAddress('nothing.invalid')).toBeUndefined();
});
