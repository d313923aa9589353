import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProbeDocument } from '../../src/model/probe.ts';
import { checkedProbe } from '../../src/report/probe-schema.ts';
import { closedPort, patient, serve } from '../probe/servers.ts';
import { type Called, type Circumstances, call, freshDirectory } from './call.ts';

const pace = ['--rate', '500', '--timeout', '2s', '--ssh-config', 'none', '-q'];

const probe = (words: readonly string[], circumstances?: Circumstances): Promise<Called> =>
  call(['probe', ...pace, ...words], circumstances);

function documentIn({ stdout }: Called): ProbeDocument {
  const document = checkedProbe(JSON.parse(stdout));
  if ('problem' in document) throw new Error(document.problem);
  return document;
}

const stored = (home: string): readonly string[] => {
  const directory = join(home, '.local/state/synaudit/probes');
  return readdirSync(directory).map(name => join(directory, name));
};

describe('probe', () => {
  test('counts attempts, shows them, and keeps the document for its owner', async () => {
    const home = freshDirectory();
    const server = await serve(patient);
    const { exitCode, stdout, stderr } = await probe(['--to', `127.0.0.1:${server.port}`, '--attempts', '30'], {
      home,
    });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^here {2}127\.0\.0\.1:\d+ {2}30 {8}0 % /m);
    expect(server.accepted()).toBe(30);
    const [file = '', ...others] = stored(home);
    expect(others).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(checkedProbe(JSON.parse(readFileSync(file, 'utf8')))).toMatchObject({ options: { attempts: 30 } });

    const id = basename(file, '.json');
    const list = await call(['runs', 'list'], { home });
    expect(list.stdout).toMatch(
      new RegExp(
        `^${id} +probe here → 127\\.0\\.0\\.1:${server.port} +1 pair +.* 0 % \\(0 of 30\\) failed +complete$`,
        'm',
      ),
    );
    expect((await call(['runs', 'show', id], { home })).stdout).toContain(file);
    writeFileSync(file, '{}');
    expect((await call(['runs', 'list'], { home })).stdout).toMatch(
      new RegExp(`^${id} .*unreadable: no stored probe`, 'm'),
    );
  });

  test('before and after: -f json and --compare latest', async () => {
    const home = freshDirectory();
    let healthy = false;
    const server = await serve(socket => (healthy ? patient(socket) : socket.resetAndDestroy()));
    const words = ['--to', `127.0.0.1:${server.port}`, '--attempts', '20', '-f', 'json'];
    const before = documentIn(await probe(words, { home }));
    healthy = true;
    const after = documentIn(await probe([...words, '--compare', 'latest'], { home }));
    expect(before.all.outcomes.reset).toBe(20);
    expect(after.all.outcomes.connected).toBe(20);
    expect(after.comparison).toMatchObject({ before: before.id, failures: { difference: -1, verdict: 'better' } });
    expect(after.comparison?.says).toMatch(/^Failures fell from 100 % \(20 of 20\) to 0 % \(0 of 20\)/);
    const [, second = ''] = stored(home);
    const again = documentIn(await probe([...words, '--compare', second], { home }));
    expect(again.comparison).toMatchObject({ before: after.id, failures: { verdict: 'untold' } });
  });

  test('-o writes files beside what is shown', async () => {
    const directory = freshDirectory();
    const [json, text] = [join(directory, 'p.json'), join(directory, 'p.txt')];
    const to = `127.0.0.1:${await closedPort()}`;
    const { stdout } = await probe(['--to', to, '--attempts', '3', '-o', json, '-o', `table=${text}`]);
    expect(checkedProbe(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({ all: { outcomes: { refused: 3 } } });
    expect(readFileSync(text, 'utf8')).toContain('3 refused');
    expect(stdout).toContain('3 refused');
    expect(readdirSync(directory).sort()).toEqual(['p.json', 'p.txt']);
  });

  test('Ctrl-C: the result of what was done, stored, exit code 130', async () => {
    const home = freshDirectory();
    const server = await serve(patient);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const words = ['--to', `127.0.0.1:${server.port}`, '--rate', '50', '--attempts', '1000', '-f', 'json'];
    const called = await probe(words, { home, winding: stop.signal });
    expect(called.exitCode).toBe(130);
    const { interrupted, all } = documentIn(called);
    expect(interrupted).toBe(true);
    expect(all.attempts).toBe(server.accepted());
    expect(all.attempts).toBeGreaterThan(3);
    expect(stored(home)).toHaveLength(1);
  });

  test('the deadline of the run: what was done, exit code 3', async () => {
    const server = await serve(patient);
    const words = ['--to', `127.0.0.1:${server.port}`, '--rate', '50', '--attempts', '1000', '-f', 'json'];
    const called = await probe([...words, '--timeout', '100ms', '--run-timeout', '400ms']);
    expect(called.exitCode).toBe(3);
    expect(documentIn(called).interrupted).toBe(true);
  });

  test('a name without an address is given up: exit code 3, and nothing is said of the target', async () => {
    const home = freshDirectory();
    const called = await probe(['--to', 'nothing.invalid:80', '--attempts', '50', '-f', 'json'], { home });
    expect(called.exitCode).toBe(3);
    expect(documentIn(called).pairs[0]).toMatchObject({
      attempts: 0,
      stopped: '20 attempts in a row could not be made: the name has no address here',
    });
    expect((await call(['runs', 'list'], { home })).stdout).toMatch(/ no attempt +complete$/m);
  });

  test('a store that cannot be written is told, and the result is shown', async () => {
    const home = freshDirectory();
    writeFileSync(join(home, 'file'), '');
    const to = `127.0.0.1:${await closedPort()}`;
    const { exitCode, stdout, stderr } = await probe(['--to', to, '--attempts', '1'], {
      home,
      env: { XDG_STATE_HOME: join(home, 'file') },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 refused');
    expect(stderr).toContain('this probe is not stored');
  });
});

describe('targets of an inventory', () => {
  const inventory = (port: number): string => {
    const file = join(freshDirectory(), 'inventory.yaml');
    writeFileSync(
      file,
      `version: 1
groups:
  web:
    hosts: [{ name: web1, address: 127.0.0.1 }, { name: web2, address: 127.0.0.2 }]
    services: [{ name: api, port: ${port} }]
  mute:
    hosts: [{ name: db1, address: 127.0.0.3 }]
`,
    );
    return file;
  };

  test('a pattern is every service of its hosts, at the addresses of the inventory', async () => {
    const server = await serve(patient, '0.0.0.0');
    const called = await probe(['-i', inventory(server.port), '--to', 'all', '--attempts', '4', '-f', 'json']);
    expect(called.exitCode).toBe(0);
    expect(called.stderr).toContain('db1 has no service and is left out');
    expect(documentIn(called).pairs).toMatchObject([
      { to: `web1:${server.port}`, address: '127.0.0.1', service: 'api', attempts: 4, failures: { count: 0 } },
      { to: `web2:${server.port}`, address: '127.0.0.2', service: 'api', attempts: 4, failures: { count: 0 } },
    ]);
  });

  test('a group with a port is all of its hosts; ranges and IPv6 are read, each target counts once', async () => {
    const server = await serve(patient, '0.0.0.0');
    const { port } = server;
    const to = [
      '--to',
      `web:${port}`,
      '--to',
      `127.0.0.[1-2]:${port},web1:${port}`,
      '--to',
      `[::1]:${await closedPort()}`,
    ];
    const called = await probe(['-i', inventory(port), ...to, '--attempts', '2', '-f', 'json']);
    expect(documentIn(called).pairs.map(({ to, outcomes }) => [to.replace(/\d+$/, 'P'), outcomes])).toEqual([
      ['web1:P', expect.objectContaining({ connected: 2 })],
      ['web2:P', expect.objectContaining({ connected: 2 })],
      ['127.0.0.1:P', expect.objectContaining({ connected: 2 })],
      ['127.0.0.2:P', expect.objectContaining({ connected: 2 })],
      ['[::1]:P', expect.objectContaining({ refused: 2 })],
    ]);
  });

  test('hosts that no attempt can be made from: exit code 3, named with the reason', async () => {
    const port = await closedPort();
    const file = join(freshDirectory(), 'inventory.yaml');
    writeFileSync(
      file,
      `version: 1\ngroups: { app: { hosts: [{ name: app1, address: 127.0.0.1, port: ${port} }] } }\n`,
    );
    const called = await probe(['-i', file, '--from', 'app', '--to', '127.0.0.1:80', '-f', 'json']);
    expect(called.exitCode).toBe(3);
    expect(documentIn(called)).toMatchObject({
      pairs: [],
      all: { attempts: 0, failures: { share: null } },
      origins: [{ name: 'app1', error: { outcome: 'unreachable' } }],
    });
  });
});

describe('bad input is exit code 2, before anything is sent', () => {
  const bad = join(import.meta.dirname, 'probe.test.ts');
  test.each<[string[], string]>([
    [[], '--to is needed'],
    [['--to', 'a:0'], 'expected a port from 1 to 65535'],
    [['--to', '192.0.2.7'], '--to 192.0.2.7: no port, so the services of an inventory are meant; else give it'],
    [['--to', 'a:80,b'], '"b" has no port, the others have'],
    [['--to', 'me@a:80'], 'a user makes no sense here'],
    [['--to', 'a:80', '--rate', '0'], '--rate: expected a whole number from 1 to 5000'],
    [['--to', 'a:80', '--run-timeout', '1s'], '--run-timeout must be longer than --timeout'],
    [['--to', 'web[1-2000]:80'], '200,000 attempts in all: lower --attempts or take fewer pairs'],
    [['--to', 'web[1-50000]:80', '--allow-many'], 'more than the 2,000,000 of one probe'],
    [['--to', 'a:80', '--compare', 'latest'], 'no stored probe in'],
    [['--to', 'a:80', '--compare', bad], 'no stored probe: probe: '],
    [['--to', 'a:80', '-o', '/nowhere/x.json'], 'cannot be written'],
    [['--to', 'a:80', '-o', 'x.html'], 'no format and no known ending'],
    [['--to', 'web', '-i', '/nowhere/inventory.yaml'], '/nowhere/inventory.yaml'],
  ])('%j', async (words, message) => {
    const { exitCode, stdout, stderr } = await probe(words);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
