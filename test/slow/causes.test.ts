import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Severity } from '../../src/model/rule.ts';
import { link, set } from '../netns/host.ts';
import { lacking } from '../netns/lacking.ts';
import { lowerForTheMachine } from '../netns/machine-setting.ts';
import { aHost, aScene, auditDuring, clientAddress, ofTcp, type Seen, serverAddress } from '../netns/scene.ts';
import { connectFrom, listenOn } from '../netns/traffic.ts';
import { type Audited, actingNow, audit, findingOf, openLogin, rising, startSshdInside } from '../netns/visit.ts';
import { freePort } from '../ssh/server-process.ts';

const here = lacking === null ? '' : ` (cannot be made here: ${lacking})`;
const to = [serverAddress];
const synAck = 'tcp flags & (syn|ack) == (syn|ack)';

interface Expected {
  /** The counter that proves it. */
  readonly field: string;
  readonly severity?: Severity;
  /** Other rules that the same fault rightly makes act, at least at times. */
  readonly beside?: readonly string[];
}

describe.skipIf(lacking !== null)(`causes made for real${here}`, () => {
  let login: ReturnType<typeof openLogin>;

  beforeAll(() => {
    login = openLogin();
  });
  afterAll(() => login?.close());

  /** The fault was there, and the rule leads with the counter that proves it; beside it none acts but those named. */
  function expectPrimary(seen: Seen, rule: string, expected: Expected): void {
    const { field, severity = 'high', beside = [] } = expected;
    expect(seen.made).toBeGreaterThan(0);
    expect(seen.host).toMatchObject({ outcome: 'audited', error: null, primary: rule, quiet: null });
    expect(actingNow(seen.host)).toContain(rule);
    expect([rule, ...beside]).toEqual(expect.arrayContaining([...actingNow(seen.host)]));
    const finding = findingOf(seen.host, rule);
    expect(finding.severity).toBe(severity);
    expect(rising(finding)).toContain(field);
    expect(seen.exitCode).toBe(severity === 'high' ? 1 : 0);
  }

  test('an accept queue overflows', async () => {
    const scene = await aScene(login);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 4, mode: 'never' });
    const traffic = [{ to, port: 8080, burst: 10 }];
    const seen = await auditDuring(scene, login, { traffic, proof: ofTcp('ListenOverflows') });
    expect(seen.tallies[0]?.connected).toBe(5); // the queue holds one more than the backlog
    expectPrimary(seen, 'accept-queue-overflow', { field: 'TcpExt.ListenOverflows' });
    expect(findingOf(seen.host, 'accept-queue-overflow').because).toContain(':8080 (5 connections, limit 4)');
  });

  test('a listener has backlog 0', async () => {
    const scene = await aScene(login);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 0, mode: 'never' });
    const traffic = [{ to, port: 8080, burst: 5 }];
    const seen = await auditDuring(scene, login, { traffic, proof: ofTcp('ListenOverflows') });
    const field = 'TcpExt.ListenOverflows';
    expectPrimary(seen, 'zero-backlog', { field, beside: ['accept-queue-overflow'] });
    expect(findingOf(seen.host, 'zero-backlog').because).toContain('8080');
  });

  test.each([
    { cookies: 'off', field: 'TcpExt.TCPReqQFullDrop', severity: 'high' },
    { cookies: 'on', field: 'TcpExt.TCPReqQFullDoCookies', severity: 'medium' },
  ] as const)('a SYN queue is full, with SYN cookies $cookies', async ({ cookies, field, severity }) => {
    const scene = await aScene(login);
    set(scene.server, 'net.ipv4.tcp_syncookies', cookies === 'on' ? 1 : 0);
    // Clients that never get the SYN-ACK leave their requests half open.
    scene.client.filter(`chain c { type filter hook input priority 0; tcp sport 8080 ${synAck} drop; }`);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 4, mode: 'never' });
    const traffic = [{ to, port: 8080, burst: 10 }];
    const seen = await auditDuring(scene, login, { traffic, proof: ['proc/net/netstat', field] });
    expect(seen.tallies[0]?.connected).toBe(0);
    expectPrimary(seen, 'syn-queue-full', { field, severity });
    expect(findingOf(seen.host, 'syn-queue-full').because).toContain('8080');
  });

  test('the reverse-path filter drops what comes in by the wrong interface', async () => {
    const scene = await aScene(login);
    link(
      { host: scene.server, device: 'eth1', address: '10.78.0.1/24' },
      { host: scene.client, device: 'eth1', address: '10.78.0.2/24' },
    );
    set(scene.server, 'net.ipv4.conf.all.rp_filter', 1);
    // Its ARP requests come from the address that fits the interface, or nothing would get as far as a SYN.
    set(scene.client, 'net.ipv4.conf.all.arp_announce', 2);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 64, mode: 'close' });
    const traffic = [
      { to, port: 8080, from: '10.78.0.2' },
      { to, port: 8080 },
    ];
    const seen = await auditDuring(scene, login, { traffic, proof: ofTcp('IPReversePathFilter') });
    const [wrong, right] = seen.tallies;
    expect(wrong?.connected).toBe(0);
    expect(right?.connected).toBeGreaterThan(10);
    expectPrimary(seen, 'rp-filter-drops', { field: 'TcpExt.IPReversePathFilter' });
  });

  test('the connection tracking table is full', async () => {
    const scene = await aScene(login);
    scene.server.filter(`
      chain raw { type filter hook prerouting priority -300; tcp dport 22 notrack; }
      chain out { type filter hook output priority -300; tcp sport 22 notrack; }
      chain in { type filter hook input priority 0; ct state new accept; }`);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 1000, mode: 'never' });
    const used = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8'));
    const room = used + 40;
    onTestFinished(await lowerForTheMachine('/proc/sys/net/netfilter/nf_conntrack_max', room));
    const traffic = [{ to, port: 8080, burst: room + 10 }];
    const proof = ['proc/net/stat/nf_conntrack', 'nf_conntrack.drop'] as const;
    const seen = await auditDuring(scene, login, { traffic, proof });
    expect(seen.tallies[0]?.connected).toBeLessThanOrEqual(room);
    expectPrimary(seen, 'conntrack-full', { field: 'nf_conntrack.drop' });
  });

  test('the neighbour table is full', async () => {
    // The counters of this table are shown in the network of the machine alone, so it is the machine that is audited.
    const server = await aHost('machine');
    const [client, silent] = [await aHost(), await aHost()];
    link(
      { host: client, device: 'eth0', address: `${clientAddress}/24` },
      { host: silent, device: 'eth0', address: '10.77.0.3/24' },
    );
    const address = '127.9.8.1';
    const door = { address, port: await freePort(address) };
    await startSshdInside(server, door, login);
    const entries = server.counter('proc/net/stat/arp_cache', 'arp_cache.entries');
    onTestFinished(await lowerForTheMachine('/proc/sys/net/ipv4/neigh/default/gc_thresh3', entries + 16));
    const nobody = Array.from({ length: 200 }, (_, i) => `10.77.0.${i + 10}`);
    const seen = await auditDuring({ server, door, client: server }, login, {
      traffic: [{ to: nobody, port: 8080, burst: 20, perSecond: 20 }],
      from: client,
      proof: ['proc/net/stat/arp_cache', 'arp_cache.table_fulls'],
    });
    expectPrimary(seen, 'neighbour-overflow', { field: 'arp_cache.table_fulls' });
  });

  test('SYNs meet the TIME_WAIT of an earlier connection, because a gateway reuses ports', async () => {
    const scene = await aScene(login);
    const gateway = scene.client;
    const behind = await aHost();
    link(
      { host: gateway, device: 'eth1', address: '10.79.0.1/24' },
      { host: behind, device: 'eth0', address: '10.79.0.2/24' },
    );
    behind.run(['ip', 'addr', 'add', '10.79.0.3/24', 'dev', 'eth0']);
    behind.run(['ip', 'route', 'add', 'default', 'via', '10.79.0.1']);
    set(gateway, 'net.ipv4.ip_forward', 1);
    gateway.nat('chain c { type nat hook postrouting priority 100; tcp dport 8080 masquerade to :40000-40031; }');
    // The gateway forgets a closed connection after a second, the server only after sixty.
    for (const state of ['time_wait', 'close', 'last_ack']) {
      set(gateway, `net.netfilter.nf_conntrack_tcp_timeout_${state}`, 1);
    }
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 64, mode: 'close' });
    // Two clients: where timestamps differ by address, and where they differ by connection.
    const traffic = ['10.79.0.2', '10.79.0.3'].map(from => ({ to, port: 8080, from, burst: 10 }));
    const seen = await auditDuring(scene, login, { traffic, from: behind, proof: ofTcp('PAWSTimewait') });
    expectPrimary(seen, 'time-wait-collision', { field: 'TcpExt.PAWSTimewait' });
  });

  test('SYN-ACKs are lost on their way', async () => {
    const scene = await aScene(login);
    scene.client.filter(`chain c { type filter hook input priority 0; tcp sport 8080 ${synAck} drop; }`);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 1000, mode: 'close' });
    const seen = await auditDuring(scene, login, {
      traffic: [{ to, port: 8080, burst: 10 }],
      proof: ofTcp('TCPSynRetrans'),
    });
    expect(seen.tallies[0]?.connected).toBe(0);
    expectPrimary(seen, 'synack-lost', { field: 'TcpExt.TCPSynRetrans', severity: 'medium' });
  });

  test('the own firewall of the host drops its SYN-ACKs', async () => {
    const scene = await aScene(login);
    scene.server.filter(`chain c { type filter hook output priority 0; tcp sport 8080 ${synAck} drop; }`);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 1000, mode: 'close' });
    const seen = await auditDuring(scene, login, {
      traffic: [{ to, port: 8080, burst: 10 }],
      proof: ofTcp('TCPTimeouts'),
    });
    expect(seen.tallies[0]?.connected).toBe(0);
    // For the kernel a SYN-ACK that could not be sent is not repeated, so what proves the case above stands still here.
    expect(scene.server.counter(...ofTcp('TCPSynRetrans'))).toBe(0);
    expect(scene.server.counter(...ofTcp('ListenDrops'))).toBe(0);
    expectPrimary(seen, 'synack-lost', { field: 'TcpExt.TCPTimeouts', severity: 'medium' });
    expect(findingOf(seen.host, 'synack-lost').title).toBe('SYN-ACKs do not leave this host');
  });

  /** Nothing is found, and that is said to mean something. */
  function expectQuiet({ exitCode, host }: Audited): void {
    expect(host).toMatchObject({ outcome: 'audited', error: null, primary: null, findings: [] });
    expect(host.quiet?.excludes).toContain('a full accept queue');
    expect(exitCode).toBe(0);
  }

  test('an idle host has no finding', async () => {
    const { client, door } = await aScene(login);
    expectQuiet(await audit(client, door, login));
  });

  test('a busy host that answers every SYN has no finding', async () => {
    const { server, client, door } = await aScene(login);
    await listenOn(server, { address: serverAddress, port: 8080, backlog: 64, mode: 'close' });
    const going = await connectFrom(client, { to, port: 8080, perSecond: 50 });
    const audited = await audit(client, door, login);
    const { attempts, connected } = await going.stop();
    expect(connected).toBeGreaterThan(100);
    expect(attempts - connected).toBeLessThan(2); // the last one may be on its way
    expectQuiet(audited);
  });
});
