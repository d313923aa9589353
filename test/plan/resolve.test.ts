import { describe, expect, test } from 'vitest';
import { type Host, namedHost } from '../../src/model/host.ts';
import { InputError } from '../../src/model/input-error.ts';
import { type ConnectPlan, defaultDeadlines } from '../../src/model/plan.ts';
import type { PlanInputs, Surroundings } from '../../src/plan/inputs.ts';
import { answerNow } from '../../src/plan/questions.ts';
import { planHost } from '../../src/plan/resolve.ts';
import { parseSshConfig } from '../../src/plan/ssh-config.ts';

const hostOf = (name: string, more: Partial<Host> = {}): Host => ({
  ...namedHost(name, { file: 'inventory.yaml', line: 3, column: 5 }),
  ...more,
});

const surroundings: Surroundings = {
  home: '/home/x',
  homeOf: user => (user === 'bob' ? '/home/bob' : undefined),
  localUser: 'x',
  userId: '1000',
  hostName: 'desk.example.com',
  agentSocket: '/run/agent',
  stateDir: '/state',
  variable: name => ({ OTHER: '/run/OTHER', KEYS: '/keys' })[name],
  servicePort: () => undefined,
  localAddresses: () => [],
  sha1: text => `sha1(${text})`,
};

const inputsOf = (config = '', more: Partial<PlanInputs> = {}, hosts: readonly Host[] = []): PlanInputs => ({
  flags: {},
  config: answerNow(
    parseSshConfig([{ file: '/home/x/.ssh/config', text: config }], {
      variable: surroundings.variable,
      servicePort: surroundings.servicePort,
    }),
  ),
  hosts: new Map(hosts.map(host => [host.name, host])),
  surroundings,
  deadlines: defaultDeadlines,
  fileExists: () => false,
  ...more,
});

const planOf = (host: Host, inputs: PlanInputs): ConnectPlan => answerNow(planHost(host, inputs));

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
    const plan = planOf(host, inputs);
    expect(plan).toMatchObject(expected);
    expect(plan.origins['user']).toBe(origin);
  });

  test('every value of a plan has an origin', () => {
    const { origins } = planOf(inventory, inputsOf(config));
    expect(Object.keys(origins).toSorted()).toEqual(
      'address agentSocket algorithms deadlines hops hostKeys identitiesOnly identityFiles knownHosts port sudo transport user'.split(
        ' ',
      ),
    );
  });
});

describe('identities', () => {
  test('default keys in ssh order, those that exist', () => {
    const inputs = inputsOf('', { fileExists: path => !/id_rsa|id_xmss|id_dsa/.test(path) });
    expect(planOf(hostOf('a'), inputs).identityFiles).toEqual(
      ['id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'].map(name => `/home/x/.ssh/${name}`),
    );
  });

  test.each([
    ['', '/run/agent'],
    ['IdentityAgent none', undefined],
    ['IdentityAgent SSH_AUTH_SOCK', '/run/agent'],
    ['IdentityAgent ~/sock-%h', '/home/x/sock-web01'],
    ['IdentityAgent $OTHER', '/run/OTHER'],
    ['IdentityAgent $\u007bOTHER}-%u', '/run/OTHER-x'],
    ['IdentityAgent $UNSET', undefined],
    ['IdentityAgent ~bob/sock', '/home/bob/sock'],
  ])('agent: %s', (config, socket) => {
    expect(planOf(hostOf('web01'), inputsOf(config)).agentSocket).toBe(socket);
  });

  test('tokens in paths; none means no key at all', () => {
    const keys = 'User u\nIdentityFile %d/k-%h-%r-%p\nIdentityFile $\u007bKEYS}/%C\nIdentityFile %i@%L';
    expect(planOf(hostOf('a'), inputsOf(keys)).identityFiles).toEqual([
      '/home/x/k-a-u-22',
      '/keys/sha1(desk.example.coma22u)',
      '1000@desk',
    ]);
    expect(() => planOf(hostOf('a'), inputsOf('\nIdentityFile $\u007bUNSET}'))).toThrow(
      '/home/x/.ssh/config:2: identityfile: environment variable UNSET is not set',
    );
    expect(planOf(hostOf('a'), inputsOf('IdentityFile none', { fileExists: () => true })).identityFiles).toEqual([]);
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
    ['HostKeyAlias POOL', {}, { alias: 'pool' }],
    ['RevokedHostKeys ~/revoked', {}, { revokedFile: '/home/x/revoked' }],
  ] as const)('%s %o', (config, flags, expected) => {
    expect(planOf(hostOf('a'), inputsOf(config, { flags })).hostKeys).toMatchObject(expected);
  });
});

describe('jump hosts', () => {
  const names = (host: Host, inputs: PlanInputs): readonly string[] =>
    planOf(host, inputs).hops.map(({ user, address, port }) => `${user}@${address}:${port}`);

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
    const plan = planOf(hostOf('a'), inputsOf('', { flags: { user: 'root', identity: '/k', jump: 'gate' } }));
    expect([plan.user, plan.hops[0]?.user, plan.hops[0]?.identityFiles]).toEqual(['root', 'x', ['/k']]);
  });

  test.each([
    ['itself', hostOf('a', { hops: ['a'] }), ''],
    ['in a circle', hostOf('a', { hops: ['b'] }), 'Host b\nProxyJump c\nHost c\nProxyJump b'],
    ['behind the host', hostOf('a', { hops: ['b'] }), 'Host b\nProxyJump a'],
    ['further on in the list', hostOf('a', { hops: ['b', 'a'] }), ''],
  ])('a loop is refused: %s', (_name, host, config) => {
    expect(() => planOf(host, inputsOf(config, {}, [host]))).toThrow(InputError);
  });
});

describe('what ssh_config says of the connection', () => {
  const modern = { algorithms: 'modern' } as const;
  test.each([
    ['AddressFamily inet6', { addressFamily: 'inet6' }],
    ['AddressFamily any', { addressFamily: undefined }],
    ['BindAddress 10.0.0.1\nBindInterface eth0', { bindAddress: '10.0.0.1', bindInterface: 'eth0' }],
    ['ConnectTimeout 30', { deadlines: { ...defaultDeadlines, connectMs: 30_000, handshakeMs: 30_000 } }],
    ['ConnectTimeout 2', { deadlines: { ...defaultDeadlines, connectMs: 2_000 } }],
    ['ConnectTimeout 0', { deadlines: defaultDeadlines }],
    ['ServerAliveInterval 1m\nServerAliveCountMax 5', { keepalive: { intervalMs: 60_000, countMax: 5 } }],
    ['ServerAliveInterval 0', { keepalive: undefined }],
    ['PreferredAuthentications password,gssapi-with-mic,publickey', { authMethods: ['password', 'publickey'] }],
    ['PasswordAuthentication no', { authMethods: ['publickey', 'keyboard-interactive'] }],
    ['PubkeyAuthentication yes', { authMethods: undefined }],
    ['ProxyCommand nc -X 5 %h %p # %r@%n %k', { proxyCommand: 'nc -X 5 10.0.0.7 22 # x@web01 web01' }],
    ['ProxyCommand none', { proxyCommand: undefined, refusal: undefined }],
    ['ProxyCommand nc %d', { proxyCommand: undefined, refusal: { code: 'proxy-command' } }],
    ['ProxyCommand -', { refusal: { code: 'proxy-command' } }],
    ['ProxyCommand nc\nProxyUseFdpass yes', { refusal: { code: 'proxy-command', outcome: 'unsupported' } }],
    ['CertificateFile ~/c', { certificateFiles: ['/home/x/c'] }],
    ['KexAlgorithms curve25519-sha256', { ...modern, algorithmChoices: { kex: { names: ['curve25519-sha256'] } } }],
    ['HostKeyAlgorithms -*ed25519*', { algorithmChoices: { hostKeys: { isReordered: true, written: [] } } }],
    ['Ciphers ^aes256-ctr', { algorithmChoices: { ciphers: { isReordered: false, written: ['aes256-ctr'] } } }],
    ['RefuseConnection "not this one"', { refusal: { code: 'refused-by-config' } }],
  ])('%s', (config, expected) => {
    const plan = planOf(hostOf('web01'), inputsOf(`${config}\nHostName 10.0.0.7\n`));
    // What is undefined must not be there at all.
    const found = Object.fromEntries(Object.keys(expected).map(key => [key, plan[key as keyof ConnectPlan]]));
    expect(found).toMatchObject(expected);
  });

  test('a flag wins over ConnectTimeout', () => {
    const plan = planOf(hostOf('a'), inputsOf('ConnectTimeout 30', { flags: { connectTimeoutMs: 700 } }));
    expect([plan.deadlines.connectMs, plan.origins['deadlines']]).toEqual([700, 'flag --connect-timeout']);
  });

  test('a HostName that is no name: this host alone is refused', () => {
    const plan = planOf(hostOf('a'), inputsOf('Host a\nHostName "x; reboot"\n'));
    expect(plan.refusal).toMatchObject({ outcome: 'unreachable', code: 'bad-name' });
  });

  test('a hop has its own proxy, and hops leave none to the host', () => {
    const config = 'Host gate\nProxyCommand nc %h %p\nHost web*\nProxyCommand other\nHost inner\nProxyCommand never\n';
    const plan = planOf(hostOf('web01', { hops: ['gate', 'inner'] }), inputsOf(config));
    expect([plan.proxyCommand, ...plan.hops.map(hop => hop.proxyCommand)]).toEqual([
      undefined,
      'nc gate 22',
      undefined,
    ]);
  });
});

describe('names that are none', () => {
  test.each([
    ['host name', hostOf('-oProxyCommand=x')],
    ['host name', hostOf('a;b')],
    ['address', hostOf('a', { address: 'a b' })],
    ['address', hostOf('a', { address: 'a,b' })],
    ['user', hostOf('a', { user: '-l' })],
    ['user', hostOf('a', { user: 'x\ny' })],
    ['user', hostOf('a', { user: '$(reboot)' })],
    ['user', hostOf('a', { user: 'x -oFoo' })],
  ])('%s', (what, host) => {
    expect(() => planOf(host, inputsOf())).toThrow(new RegExp(`^inventory.yaml:3:5: ${what} `));
  });
});

test('10,000 hosts with 10,000 Host blocks: every host finds its own', () => {
  const config = Array.from(
    { length: 10_000 },
    (_, n) => `Host web${n}\n  HostName 10.0.${n >> 8}.${n & 255}\n  Port 2222\n`,
  );
  const inputs = inputsOf(`${config.join('')}Host *\n  User audit\n`);
  const addresses = new Set(Array.from({ length: 10_000 }, (_, n) => planOf(hostOf(`web${n}`), inputs).address));
  expect(addresses.size).toBe(10_000);
  expect(planOf(hostOf('web258'), inputs)).toMatchObject({ address: '10.0.1.2', port: 2222, user: 'audit' });
});
