import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CollectorOptions, collectorScript, endMarker } from '../../src/collect/script.ts';
import { type Fleet, startFleet } from '../../src/demo/fleet.ts';
import { newKeyPair } from '../../src/demo/keys.ts';
import { hostsOf, type Login, type Outcome, type Place, ssh } from './openssh.ts';

const boundary = '0123456789abcdef0123456789abcdef';
const once: CollectorOptions = { boundary, intervalSeconds: 0, sockets: 'bounded' };
const twice: CollectorOptions = { ...once, intervalSeconds: 1 };
const collector = collectorScript(once);

const counterIn = (output: string, name: string): number[] => {
  const lines = output.split('\n').filter(line => line.includes('proc/net/netstat:TcpExt: '));
  const values: number[] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const at = lines[index]?.split(' ').indexOf(name) ?? -1;
    if (at !== -1) values.push(Number(lines[index + 1]?.split(' ')[at]));
  }
  return values;
};

const uptimesIn = (output: string): number[] =>
  [...output.matchAll(/proc\/uptime:(\d+\.\d+) /g)].map(match => Number(match[1]));

let fleet: Fleet;
let places: Place[];
const at = (name: string): Place => {
  const found = places.find(place => place.name === name);
  if (found === undefined) throw new Error(`no host ${name} in ${places.map(place => place.name).join(' ')}`);
  return found;
};
const login = (place: Place, script: string, more: Partial<Login> = {}): Promise<Outcome> =>
  ssh({ place, script, identityFile: fleet.identityFile, knownHostsFile: fleet.knownHostsFile, ...more });

beforeAll(async () => {
  fleet = await startFleet({ hosts: 15, collector: collectorScript });
  places = hostsOf(fleet.inventoryText);
});
afterAll(async () => {
  await fleet?.close();
});

describe('the embedded fleet answers OpenSSH', () => {
  test('each host has an address of its own on loopback', () => {
    expect(new Set(places.map(place => place.address)).size).toBe(15);
    for (const { address } of places) expect(address).toMatch(/^127\./);
  });

  test('really runs the collector, and the counters of a firing host rise between the samples', async () => {
    const { code, out, err } = await login(at('web1'), collectorScript(twice));
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out.endsWith(`\n${endMarker(boundary)}\n`)).toBe(true);
    expect(out).toContain('proc/sys/kernel/osrelease:3.10.0-1160.el7.x86_64');
    expect(out).toContain('proc/sys/net/ipv4/tcp_tw_recycle:1');
    const [first = 0, second = 0] = counterIn(out, 'PAWSPassive');
    expect(second).toBeGreaterThan(first);
    const [before = 0, after = 0] = uptimesIn(out);
    expect(after - before).toBeGreaterThan(0.5);
    expect(after - before).toBeLessThan(4);
    // 59.5 a second, times the host's own factor between 0.6 and 1.4.
    expect((second - first) / (after - before)).toBeGreaterThan(30);
    expect((second - first) / (after - before)).toBeLessThan(90);
  });

  test('a modern host has neither the key nor the counter', async () => {
    const { code, out } = await login(at('api1'), collector);
    expect(code).toBe(0);
    expect(out).toContain('proc/sys/net/ipv4/tcp_timestamps:1');
    expect(out).not.toContain('tcp_tw_recycle:');
    expect(out).not.toContain('PAWSPassive');
    expect(out).toContain('Debian GNU/Linux 12');
  });

  test('the changed key is refused by a client that checks', async () => {
    const { code, err } = await login(at('gw1'), collector);
    expect(code).toBe(255);
    expect(err).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  });

  test('nothing listens where a host is unreachable', async () => {
    const { code, err } = await login(at('old2'), collector);
    expect(code).toBe(255);
    expect(err).toContain('Connection refused');
  });

  test('one host says nothing after login', async () => {
    const { code, out, err } = await login(at('nas1'), collector, { more: ['-v'], killAfterMs: 1500 });
    expect(err).toContain('Authenticated to');
    expect(err).toContain('Killed by signal 15');
    expect(code).toBe(255);
    expect(out).toBe('');
  });
});

describe('the embedded fleet refuses', () => {
  const other = newKeyPair();

  test.each([
    ['another script', 'id\n'],
    ['the collector and a line more', `${collector}id\n`],
    ['the collector and a line before', `id\n${collector}`],
    ['the collector with one byte changed', collector.replace('LC_ALL=C', 'LC_ALL=X')],
    ['the collector cut short', collector.slice(0, -2)],
    ['a second line of parameters', collector.replace(/^boundary=.*$/m, line => `${line}\n${line}`)],
    ['a command in the parameters', collector.replace('interval=0', 'interval=0;id')],
    ['nothing', ''],
  ])('%s', async (_, text) => {
    const { code, out, err } = await login(at('web1'), text);
    expect(code).toBe(126);
    expect(out).toBe('');
    expect(err).toContain('runs nothing but the collector');
  });

  test.each([
    ['another command', ['id']],
    ['the shell without -s', ['sh']],
    ['a root of the client’s choice', ['sh', '-s', '--', '/']],
    ['an interactive shell', []],
  ])('%s', async (_, command) => {
    const { code, out } = await login(at('web1'), collector, { command });
    expect(code).not.toBe(0);
    expect(out).toBe('');
  });

  test('another key', async () => {
    const identityFile = join(fleet.directory, 'other');
    await writeFile(identityFile, other.privateText, { mode: 0o600 });
    const { code, err } = await login(at('web1'), collector, { identityFile });
    expect(code).toBe(255);
    expect(err).toContain('Permission denied (publickey)');
  });

  test('another user', async () => {
    const { err } = await login(at('web1'), collector, { user: 'root' });
    expect(err).toContain('Permission denied (publickey)');
  });

  test('forwarding', async () => {
    const place = at('web1');
    const target = `${place.address}:${place.port}`;
    const { code, out, err } = await login(place, '', { command: [], more: ['-W', target] });
    expect(code).toBe(255);
    expect(err).toContain('administratively prohibited');
    expect(out).toBe('');
  });
});

test('known_hosts holds every host by address and by name, as ssh-keygen reads it', async () => {
  const text = await readFile(fleet.knownHostsFile, 'utf8');
  expect(text.trim().split('\n')).toHaveLength(15);
  for (const { address, name, port } of places) {
    for (const host of [`[${address}]:${port}`, `[${name}]:${port}`]) {
      const found = await new Promise<string>((resolve, reject) =>
        execFile('ssh-keygen', ['-F', host, '-f', fleet.knownHostsFile], (error, stdout) =>
          error === null ? resolve(stdout) : reject(error),
        ),
      );
      expect(found).toContain(`Host ${host} found`);
    }
  }
});
