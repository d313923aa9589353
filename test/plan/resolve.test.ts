import { describe, expect, test } from 'vitest';
import { type Host, namedHost } from '../../src/model/host.ts';
import { InputError } from '../../src/model/input-error.ts';
import { defaultDeadlines } from '../../src/model/plan.ts';
import type { PlanInputs } from '../../src/plan/inputs.ts';
import { planHost } from '../../src/plan/resolve.ts';
import { parseSshConfig } from '../../src/plan/ssh-config.ts';

const hostOf = (name: string, more: Partial<Host> = {}): Host => ({
  ...namedHost(name, { file: 'inventory.yaml', line: 3, column: 5 }),
  ...more,
});

const inputsOf = (config = '', more: Partial<PlanInputs> = {}, hosts: readonly Host[] = []): PlanInputs => ({
  flags: {},
  config: parseSshConfig([{ file: '/home/x/.ssh/config', text: config }]),
  hosts: new Map(hosts.map(host => [host.name, host])),
  surroundings: { home: '/home/x', localUser: 'x', agentSocket: '/run/agent', stateDir: '/state' },
  deadlines: defaultDeadlines,
  fileExists: () => false,
  ...more,
});

describe('precedence: flag, inventory, ssh_config, default', () => {
  const config = 'Host web01\nUser c\nPort 2022\nHostName 10.0.0.1\nIdentityFile ~/c\n';
  const inventory = hostOf('web01', { user: 'i', port: 2222, address: '192.0.2.7', identity: '~/i' });

  test.each([
    ['default', hostOf('db'), inputsOf(config), { user: 'x', port: 22, address: 'db', identityFiles: [] }, 'default'],
    [
      'ssh_config',
      hostOf('web01'),
      inputsOf(config),
      { user: 'c', port: 2022, address: '10.0.0.1', identityFiles: ['/home/x/c'] },
      '/home/x/.ssh/config:2',
    ],
    [
      'inventory',
      inventory,
      inputsOf(config),
      { user: 'i', port: 2222, address: '192.0.2.7', identityFiles: ['/home/x/i'] },
      'inventory.yaml:3:5',
    ],
    [
      'flag',
      inventory,
      inputsOf(config, { flags: { user: 'f', identity: '/f' } }),
      { user: 'f', port: 2222, address: '192.0.2.7', identityFiles: ['/f'] },
      'flag --user',
    ],
  ])('%s', (_name, host, inputs, expected, origin) => {
    const plan = planHost(host, inputs);
    expect(plan).toMatchObject(expected);
    expect(plan.origins['user']).toBe(origin);
  });

  test('every value of a plan has an origin', () => {
    const { origins } = planHost(inventory, inputsOf(config));
    expect(Object.keys(origins).toSorted()).toEqual(
      'address agentSocket algorithms hops hostKeys identitiesOnly identityFiles knownHosts port transport user'.split(
        ' ',
      ),
    );
  });
});

describe('identities', () => {
  test('default keys in ssh order, those that exist', () => {
    const inputs = inputsOf('', { fileExists: path => path !== '/home/x/.ssh/id_rsa' });
    expect(planHost(hostOf('a'), inputs).identityFiles).toEqual(['/home/x/.ssh/id_ecdsa', '/home/x/.ssh/id_ed25519']);
  });

  test.each([
    ['', '/run/agent'],
    ['IdentityAgent none', undefined],
    ['IdentityAgent SSH_AUTH_SOCK', '/run/agent'],
    ['IdentityAgent ~/sock-%h', '/home/x/sock-web01'],
    ['IdentityAgent $OTHER', '/run/OTHER'],
  ])('agent: %s', (config, socket) => {
    const surroundings = { ...inputsOf().surroundings, variable: (name: string) => `/run/${name}` };
    expect(planHost(hostOf('web01'), inputsOf(config, { surroundings })).agentSocket).toBe(socket);
  });

  test('tokens in paths; none means no key at all', () => {
    expect(planHost(hostOf('a'), inputsOf('User u\nIdentityFile %d/k-%h-%r-%p')).identityFiles).toEqual([
      '/home/x/k-a-u-22',
    ]);
    expect(planHost(hostOf('a'), inputsOf('IdentityFile none', { fileExists: () => true })).identityFiles).toEqual([]);
  });
});

describe('host keys', () => {
  const defaults = [
    '/home/x/.ssh/known_hosts',
    '/home/x/.ssh/known_hosts2',
    '/etc/ssh/ssh_known_hosts',
    '/etc/ssh/ssh_known_hosts2',
  ];
  test.each([
    ['', {}, { mode: 'strict', files: [...defaults, '/state/known_hosts'], appendTo: '/state/known_hosts' }],
    ['StrictHostKeyChecking ask', {}, { mode: 'strict' }],
    ['StrictHostKeyChecking no', {}, { mode: 'accept-new' }],
    ['StrictHostKeyChecking off', {}, { mode: 'accept-new' }],
    ['StrictHostKeyChecking accept-new', {}, { mode: 'accept-new' }],
    ['StrictHostKeyChecking no', { hostKeys: 'strict' }, { mode: 'strict' }],
    ['', { hostKeys: 'off' }, { mode: 'off' }],
    [
      'UserKnownHostsFile ~/a /b\nGlobalKnownHostsFile /g',
      {},
      { files: ['/home/x/a', '/b', '/g'], appendTo: '/home/x/a' },
    ],
    [
      'UserKnownHostsFile /dev/null\nGlobalKnownHostsFile none',
      {},
      { files: ['/state/known_hosts'], appendTo: '/state/known_hosts' },
    ],
    ['UserKnownHostsFile ~/a', { knownHosts: '/flag' }, { files: ['/flag'], appendTo: '/flag' }],
    ['HostKeyAlias pool', {}, { alias: 'pool' }],
  ] as const)('%s %o', (config, flags, expected) => {
    expect(planHost(hostOf('a'), inputsOf(config, { flags })).hostKeys).toMatchObject(expected);
  });
});

describe('jump hosts', () => {
  const names = (host: Host, inputs: PlanInputs): readonly string[] =>
    planHost(host, inputs).hops.map(({ user, address, port }) => `${user}@${address}:${port}`);

  test.each([
    [
      '--jump',
      hostOf('web01'),
      inputsOf('', { flags: { jump: 'bob@gate:2200,[2001:db8::1]:23' } }),
      ['bob@gate:2200', 'x@2001:db8::1:23'],
    ],
    ['--jump none', hostOf('web01', { hops: ['gate'] }), inputsOf('', { flags: { jump: 'none' } }), []],
    [
      'inventory, an alias',
      hostOf('web01', { hops: ['gate'] }),
      inputsOf('Host gate\nHostName 10.9.9.9\nUser jump'),
      ['jump@10.9.9.9:22'],
    ],
    [
      'inventory, a host of it wins over an alias',
      hostOf('web01', { hops: ['gate'] }),
      inputsOf('Host gate\nHostName 10.9.9.9', {}, [hostOf('gate', { address: '192.0.2.1', user: 'inv' })]),
      ['inv@192.0.2.1:22'],
    ],
    ['ProxyJump', hostOf('web01'), inputsOf('Host web*\nProxyJump a,ssh://bob@b:2/'), ['x@a:22', 'bob@b:2']],
    [
      'ProxyJump of a ProxyJump',
      hostOf('web01'),
      inputsOf('Host web*\nProxyJump b\nHost b\nProxyJump a'),
      ['x@a:22', 'x@b:22'],
    ],
    ['ProxyJump none', hostOf('web01'), inputsOf('Host web01\nProxyJump none\nHost *\nProxyJump a'), []],
  ])('%s', (_name, host, inputs, expected) => {
    expect(names(host, inputs)).toEqual(expected);
  });

  test('--user is for the host, --identity for hops too', () => {
    const plan = planHost(hostOf('a'), inputsOf('', { flags: { user: 'root', identity: '/k', jump: 'gate' } }));
    expect([plan.user, plan.hops[0]?.user, plan.hops[0]?.identityFiles]).toEqual(['root', 'x', ['/k']]);
  });

  test.each([
    ['itself', hostOf('a', { hops: ['a'] }), ''],
    ['in a circle', hostOf('a', { hops: ['b'] }), 'Host b\nProxyJump c\nHost c\nProxyJump b'],
    ['behind the host', hostOf('a', { hops: ['b'] }), 'Host b\nProxyJump a'],
    ['further on in the list', hostOf('a', { hops: ['b', 'a'] }), ''],
  ])('a loop is refused: %s', (_name, host, config) => {
    expect(() => planHost(host, inputsOf(config, {}, [host]))).toThrow(InputError);
  });
});

describe('names that are none', () => {
  test.each([
    ['address', hostOf('-oProxyCommand=x')],
    ['address', hostOf('a', { address: 'a b' })],
    ['address', hostOf('a', { address: 'a,b' })],
    ['user', hostOf('a', { user: '-l' })],
    ['user', hostOf('a', { user: 'x\ny' })],
  ])('%s', (what, host) => {
    expect(() => planHost(host, inputsOf())).toThrow(new RegExp(`^inventory.yaml:3:5: ${what} `));
  });
});

test('10,000 hosts with 10,000 Host blocks take well under a second', () => {
  const config = Array.from(
    { length: 10_000 },
    (_, n) => `Host web${n}\n  HostName 10.0.${n >> 8}.${n & 255}\n  Port 2222\n`,
  );
  const inputs = inputsOf(`${config.join('')}Host *\n  User audit\n`);
  const startedAt = performance.now();
  for (let n = 0; n < 10_000; n++) planHost(hostOf(`web${n}`), inputs);
  const took = performance.now() - startedAt;
  expect(planHost(hostOf('web258'), inputs)).toMatchObject({ address: '10.0.1.2', port: 2222, user: 'audit' });
  expect(took).toBeLessThan(3_000);
});
