import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ProbeDocument, Share } from '../../src/model/probe.ts';
import { checkedProbe } from '../../src/report/probe-schema.ts';
import { type Host, link, set } from '../netns/host.ts';
import { lacking } from '../netns/lacking.ts';
import { aHost } from '../netns/scene.ts';
import { type Login, openLogin, runFrom, startSshdInside } from '../netns/visit.ts';

const here = lacking === null ? '' : ` (cannot be made here: ${lacking})`;
const server = '10.77.0.1';
const manyPorts = fileURLToPath(new URL('../netns/many-ports.mjs', import.meta.url));
const farAway = fileURLToPath(new URL('../netns/far-away.mjs', import.meta.url));
const hasLinearTimeouts = existsSync('/proc/sys/net/ipv4/tcp_syn_linear_timeouts');

describe.skipIf(lacking !== null)(`probe of ports that drop a known share of SYNs${here}`, () => {
  let login: Login & { close(): Promise<void> };
  let [target, client]: Host[] = [];
  let state = '';
  let run = 0;

  beforeAll(() => {
    login = openLogin();
    return () => login.close();
  });

  beforeEach(async () => {
    run += 1;
    state = join(login.workshop.directory, `state-${run}`);
    const [a, b] = [await aHost(), await aHost()];
    [target, client] = [a, b];
    link({ host: a, device: 'eth0', address: `${server}/24` }, { host: b, device: 'eth0', address: '10.77.0.2/24' });
  });

  const on = (host: Host | undefined): Host => {
    if (host === undefined) throw new Error('no host');
    return host;
  };

  /** Listens on the target's ports 8001 and so on. */
  const listen = (count: number, host = on(target), address = server): Promise<void> =>
    host.startInside([process.execPath, manyPorts, address, '8001', String(count)], /^ready$/m);

  /** Drops SYNs to these ports that the expression picks, and counts them. */
  const drop = (expression: string): void =>
    on(target).filter(
      `chain input { type filter hook input priority 0; tcp dport 8001-8999 tcp flags & (syn | ack) == syn ${expression} counter drop; }`,
    );
  const dropped = (): number =>
    Number(/counter packets (\d+)/.exec(on(target).run(['nft', 'list', 'chain', 'inet', 'synaudit', 'input']))?.[1]);

  /** Runs the program in the client's network, as a process of its own. */
  async function probe(words: readonly string[], expected = 0): Promise<ProbeDocument> {
    const argv = ['probe', ...words, '--ssh-config', 'none', '-f', 'json', '-q'];
    const env = { ...process.env, HOME: login.workshop.directory, XDG_STATE_HOME: state };
    const { exitCode, stdout, stderr } = await runFrom(
      on(client),
      [process.execPath, login.program, ...argv],
      env,
      child => onTestFinished(() => void child.kill()),
    );
    if (exitCode !== expected) throw new Error(`exit ${exitCode}: ${stderr}${stdout}`);
    const document = checkedProbe(JSON.parse(stdout));
    if ('problem' in document) throw new Error(document.problem);
    return document;
  }

  const holds = ({ interval }: Share, share: number): boolean =>
    interval !== null && interval.low <= share && share <= interval.high;

  test('each attempt one SYN, of which one in five is dropped: the intervals hold that share', async () => {
    const ports = 100;
    await listen(ports);
    drop('numgen random mod 100 < 20');
    const to = ['--to', Array.from({ length: ports }, (_, i) => `${server}:${8001 + i}`).join(',')];
    const { pairs, all, lagMs } = await probe([...to, '--attempts', '100', '--rate', '20', '--timeout', '800ms']);
    const covered = pairs.filter(({ failures }) => holds(failures, 0.2)).length;
    expect(all.attempts + all.notSent).toBe(ports * 100);
    // What the firewall dropped is what did not connect, to the last SYN, unless this machine was too busy to give up before
    // SYNs were sent again.
    expect(all.outcomes.timeout).toBeLessThanOrEqual(dropped());
    if (lagMs < 150) expect(all.outcomes.timeout).toBe(dropped());
    expect(all.failures.count).toBe(all.outcomes.timeout);
    // 95 or 96 are expected; 87 or fewer come once in 10,000 runs of this test.
    expect(covered).toBeGreaterThanOrEqual(88);
    expect(Math.abs((all.failures.share ?? 1) - 0.2)).toBeLessThan(0.016);
  });

  test('connections dropped for good: every SYN of them, and no other', async () => {
    await listen(1);
    drop('jhash ip saddr . tcp sport . ip daddr . tcp dport mod 100 seed 0x5a < 20');
    const { all } = await probe([
      '--to',
      `${server}:8001`,
      '--attempts',
      '200',
      '--rate',
      '100',
      '--timeout',
      '3600ms',
    ]);
    const { timeout, connected } = all.outcomes;
    expect(timeout + connected).toBe(200);
    // SYNs at 0, 1, 2 and 3 s; before Linux 6.5 at 0, 1 and 3 s.
    expect(dropped()).toBe(timeout * (hasLinearTimeouts ? 4 : 3));
    expect(all.failures.share).toBeGreaterThan(0.08);
    expect(all.failures.share).toBeLessThan(0.34);
    expect(all.steps).toEqual([{ afterSeconds: 0, connects: connected }]);
    expect(all.firstSynLost.count).toBe(timeout);
  });

  test('SYNs sent again show as steps of whole seconds', async () => {
    await listen(1);
    drop('numgen random mod 100 < 50');
    const words = ['--to', `${server}:8001`, '--attempts', '150', '--rate', '100', '--timeout', '6500ms'];
    if (hasLinearTimeouts) {
      const linear = await probe(words);
      expect(linear.all.steps.map(({ afterSeconds }) => afterSeconds)).toEqual(expect.arrayContaining([0, 1, 2, 3]));
      expect(linear.all.slow).toBe(0);
      expect(linear.says.join()).toContain('tcp_syn_linear_timeouts');
      expect(linear.all.outcomes.timeout).toBeLessThan(20);
      expect(holds(linear.all.firstSynLost, 0.5)).toBe(true);
      set(on(client), 'net.ipv4.tcp_syn_linear_timeouts', 0);
    }
    const doubling = await probe(words);
    expect(doubling.all.steps.map(({ afterSeconds }) => afterSeconds)).toEqual([0, 1, 3]);
    expect(doubling.all.slow).toBe(0);
    expect(doubling.all.outcomes.timeout).toBeGreaterThan(0);
  });

  test('before and after: a firewall that is opened is told as better, one that stays is not', async () => {
    await listen(1);
    drop('numgen random mod 100 < 20');
    const words = ['--to', `${server}:8001`, '--attempts', '200', '--rate', '200', '--timeout', '700ms'];
    await probe(words);
    const same = await probe([...words, '--compare', 'latest']);
    on(target).run(['nft', 'flush', 'chain', 'inet', 'synaudit', 'input']);
    const better = await probe([...words, '--compare', 'latest']);
    const few = await probe([...words.slice(0, 2), '--attempts', '5', '--compare', better.id]);
    // One in 20 of such comparisons is told as a change, as they are made to.
    expect(same.comparison?.failures.p).toBeGreaterThan(0.001);
    expect(better.comparison?.failures.verdict).toBe('better');
    expect(better.comparison?.failures.p).toBeLessThan(1e-6);
    expect(better.comparison?.says).toMatch(/^Failures fell from \d\d\.\d % \(\d\d of 200\) to 0 % \(0 of 200\): /);
    expect(few.comparison?.failures.verdict).toBe('untold');
    expect(few.comparison?.says).toContain('No change of failures can be told');
  });

  test('a client without local ports left has learnt nothing of the target', async () => {
    await listen(1);
    on(client).run(['sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40009']);
    const words = ['--to', `${server}:8001`, '--attempts', '100', '--rate', '500'];
    const { all, pairs } = await probe(words, 3);
    expect(all.failures).toMatchObject({ count: 0, attempts: 10 });
    expect(all.notSent).toBeGreaterThanOrEqual(20);
    expect(all.reasons).toEqual({ EADDRNOTAVAIL: all.notSent });
    expect(pairs[0]?.stopped).toContain('EADDRNOTAVAIL');
  });

  test('from a host by SSH forwarding: its own loss, and the round trip of SSH taken off', async () => {
    const app = await aHost();
    link(
      { host: app, device: 'eth1', address: '10.78.0.1/24' },
      { host: on(client), device: 'eth1', address: '10.78.0.2/24' },
    );
    link(
      { host: app, device: 'eth0', address: '10.79.0.1/24' },
      { host: on(target), device: 'eth1', address: '10.79.0.2/24' },
    );
    await startSshdInside(app, { address: '10.78.0.1', port: 22 }, login);
    await listen(2, on(target), '10.79.0.2');
    drop('numgen random mod 100 < 30');
    await on(client).startInside([process.execPath, farAway, '2222', '10.78.0.1', '22', '20'], /^ready$/m);
    const inventory = login.workshop.write(
      'inventory.yaml',
      'version: 1\ngroups: { app: { hosts: [{ name: app1, address: 127.0.0.1, port: 2222, user: root }] } }\n',
    );
    const known = login.workshop.write('known', `[127.0.0.1]:2222 ${login.hostKey.publicLine}\n`);
    const reach = ['-i', inventory, '--identity', login.user.path, '--known-hosts', known, '--from', 'app'];
    const to = ['--to', '10.79.0.2:8001,10.79.0.2:8002,10.79.0.2:7999'];
    const document = await probe([...reach, ...to, '--attempts', '60', '--rate', '60', '--timeout', '900ms']);
    const [first, second, closed] = document.pairs;
    expect(document.pairs.map(({ from, attempts, notSent }) => [from, attempts, notSent])).toEqual([
      ['app1', 60, 0],
      ['app1', 60, 0],
      ['app1', 60, 0],
    ]);
    expect(closed?.outcomes.refused).toBe(60);
    for (const pair of [first, second]) {
      expect(pair?.outcomes.connected).toBe(60 - (pair?.outcomes.timeout ?? 0));
      expect(pair?.failures.share).toBeGreaterThan(0.08);
      expect(pair?.failures.share).toBeLessThan(0.6);
      // Timers may be a millisecond early, on each of the two ways.
      expect(pair?.roundTripMs).toBeGreaterThanOrEqual(38);
      expect(pair?.roundTripMs).toBeLessThan(80);
      expect(pair?.latency?.p50).toBeLessThan(30);
    }
  });
});
