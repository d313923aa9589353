import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { set } from '../netns/host.ts';
import { lacking } from '../netns/lacking.ts';
import { aScene, auditDuring, ofTcp, serverAddress } from '../netns/scene.ts';
import { listenOn } from '../netns/traffic.ts';
import { actingNow, findingOf, openLogin, rising } from '../netns/visit.ts';

const here = lacking === null ? '' : ` (cannot be made here: ${lacking})`;
const to = [serverAddress];

describe.skipIf(lacking !== null)(`drops at listeners that have no counter of their own, made for real${here}`, () => {
  let login: ReturnType<typeof openLogin>;

  beforeAll(() => {
    login = openLogin();
  });
  afterAll(() => login?.close());

  test('the last quarter of tcp_max_syn_backlog, with cookies off', async () => {
    const scene = await aScene(login);
    set(scene.server, 'net.ipv4.tcp_syncookies', 0);
    set(scene.server, 'net.ipv4.tcp_max_syn_backlog', 16);
    // Clients that never get the SYN-ACK leave their requests half open.
    scene.client.filter('chain c { type filter hook input priority 0; tcp sport 8080 drop; }');
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 1000, mode: 'close' });
    const traffic = [{ to, port: 8080, burst: 40 }];
    const { made, host } = await auditDuring(scene, login, { traffic, proof: ofTcp('ListenDrops') });
    expect(made).toBeGreaterThan(0);
    expect(host.primary).toBe('syncookies-off');
    expect(actingNow(host)).toEqual(['syncookies-off']);
    const { because, remedy } = findingOf(host, 'syncookies-off');
    expect(because).toContain(':8080 (13 half-open requests)'); // 16 - 16/4 + 1
    expect(remedy?.set).toEqual({ 'net.ipv4.tcp_syncookies': '1' });
  });

  test('no route back to the client', async () => {
    const scene = await aScene(login);
    const far = '10.99.0.2';
    scene.client.run(['ip', 'addr', 'add', `${far}/32`, 'dev', 'lo']);
    set(scene.client, 'net.ipv4.conf.all.arp_announce', 2);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 64, mode: 'close' });
    const traffic = [{ to, port: 8080, from: far }];
    const { made, host, tallies } = await auditDuring(scene, login, { traffic, proof: ofTcp('ListenDrops') });
    expect(made).toBeGreaterThan(0);
    expect(tallies[0]?.connected).toBe(0);
    expect(host.primary).toBe('unexplained-listen-drops');
    expect(actingNow(host)).toEqual(['unexplained-listen-drops']);
    const finding = findingOf(host, 'unexplained-listen-drops');
    expect(finding.because).toContain('no route back');
    expect(rising(finding)).toEqual(['unexplained ListenDrops', 'TcpExt.ListenDrops', 'Ip.OutNoRoutes']);
  });

  test('a full accept queue resets connections', async () => {
    const scene = await aScene(login);
    set(scene.server, 'net.ipv4.tcp_abort_on_overflow', 1);
    await listenOn(scene.server, { address: serverAddress, port: 8080, backlog: 4, mode: 'never' });
    const traffic = [{ to, port: 8080, burst: 10 }];
    const { host } = await auditDuring(scene, login, { traffic, proof: ofTcp('ListenOverflows') });
    expect(host.primary).toBe('accept-queue-overflow');
    expect(actingNow(host)).toEqual(['accept-queue-overflow', 'abort-on-overflow']);
    expect(findingOf(host, 'abort-on-overflow').remedy?.set).toEqual({ 'net.ipv4.tcp_abort_on_overflow': '0' });
  });
});
