/** Generated ssh_config files: mostly what people write, with some of what ssh refuses. */
import fc from '../fast-check.ts';
import type { OracleCase } from './oracle.ts';

const word = fc.constantFrom('web01', 'web02', 'db', 'a.example.com', 'B.Example.com');
const pattern = fc.oneof(
  word,
  fc.constantFrom('*', 'web*', '!web02', '*.example.com', '!*.com', 'web0?', '*.internal', '!db', '10.*'),
);
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });

/** What ssh takes. */
const values: Readonly<Record<string, readonly string[]>> = {
  HostName: ['%h.internal', '10.0.0.1', 'Other', '%h', '"x y"', '%%', '127.1', '2001:DB8::1', 'deep.example.com'],
  User: ['bob', 'alice', '"carol"', "'d e'", '%u', 'a\\b', 'a\\ b'],
  Port: ['22', '2222', '65535', 'ssh', '+44', '0022'],
  IdentityFile: [
    '~/.ssh/a',
    '"/keys/my key"',
    '/keys/%h-%r',
    '~/.ssh/b # why',
    'none',
    '%d/c',
    '\u0024{HOME}/d',
    '~/.ssh/a',
  ],
  CertificateFile: ['~/.ssh/a-cert.pub', '/c'],
  IdentitiesOnly: ['yes', 'no', 'TRUE', 'false'],
  IdentityAgent: ['none', 'SSH_AUTH_SOCK', '$HOME', '~/agent-%h', '\u0024{HOME}/agent'],
  UserKnownHostsFile: ['~/kh', '/kh/%h "/kh/a b"', '/dev/null', 'none', '~/%C/%n/%p/%L/%l/%i/%k/%%'],
  GlobalKnownHostsFile: ['/g1 /g2', '~/g', 'none', '%h'],
  HostKeyAlias: ['alias1', 'ALIAS2'],
  StrictHostKeyChecking: ['yes', 'no', 'ask', 'accept-new', 'off'],
  PreferredAuthentications: ['publickey', 'password,publickey', 'gssapi-with-mic,keyboard-interactive'],
  PubkeyAuthentication: ['yes', 'no', 'unbound', 'host-bound'],
  PasswordAuthentication: ['yes', 'no'],
  ChallengeResponseAuthentication: ['no'],
  KexAlgorithms: [
    '+diffie-hellman-group14-sha1',
    '-*sha2*',
    '^ecdh-sha2-nistp256,curve25519-sha256',
    'curve25519-sha256',
  ],
  HostKeyAlgorithms: ['+ssh-rsa', '-ssh-ed25519*', '^rsa-sha2-512', 'ssh-*', 'rsa-sha2-256,ssh-ed25519'],
  Ciphers: ['aes256-ctr,aes128-ctr', '-aes*', '+3des-cbc', '^aes256-gcm@openssh.com', 'aes128-ctr,'],
  MACs: ['hmac-sha1', '-*-etm@openssh.com,umac*', '+hmac-md5', '^hmac-sha2-512'],
  PubkeyAcceptedKeyTypes: ['+ssh-rsa', 'ssh-ed25519'],
  PubkeyAcceptedAlgorithms: ['-sk-*', '^ecdsa-sha2-nistp521'],
  ConnectTimeout: ['10', '1m30s', 'none', '0', '1h5'],
  ServerAliveInterval: ['30', '2m', '0'],
  ServerAliveCountMax: ['5', '0'],
  AddressFamily: ['inet', 'INET6', 'any'],
  BindAddress: ['10.1.1.1', 'here'],
  BindInterface: ['eth0'],
  ProxyJump: ['bastion', 'bob@b1:2222,b2', 'none', 'ssh://u@h:22/', '[::1]:22', '1.2.3.4', 'NONE', 'a # b'],
  ProxyCommand: ['nc %h %p', 'none', 'sh -c "exec nc \'%h\' 22" # kept', 'ssh -W [%h]:%p gate'],
  RequestTTY: ['yes', 'no', 'force', 'auto'],
  LogLevel: ['quiet', 'DEBUG', 'debug3', 'info'],
  CanonicalizeHostname: ['yes', 'no', 'always'],
  CanonicalDomains: ['example.com', 'Corp.example.com. example.org', 'none'],
  CanonicalizeMaxDots: ['0', '1', '3'],
  CanonicalizeFallbackLocal: ['yes', 'no'],
  // Of what is not honoured, some of each form.
  SendEnv: ['LANG LC_*'],
  SetEnv: ['A=b'],
  ForwardAgent: ['yes', '$HOME', '~/sock'],
  LocalForward: ['8080 localhost:80', '[::1]:8080 db:ssh', '/tmp/s db:1', '8080 /run/s', '*:1 [a]:2'],
  RemoteForward: ['9000 [::1]:22', '9000', '0', '/s /t', 'a:0 b:1'],
  DynamicForward: ['1080', 'localhost:1080'],
  RekeyLimit: ['1G 1h', 'default none', '0'],
  ControlPersist: ['10m', 'yes'],
  IPQoS: ['af21 cs1', 'ef'],
  EscapeChar: ['none', '^x'],
  Tunnel: ['yes'],
  Protocol: ['2', '1,2'],
  UseRoaming: ['no'],
  RSAAuthentication: ['yes'],
  GSSAPIAuthentication: ['yes'],
  IgnoreUnknown: ['UseKeychain', 'use*,Other*', '*'],
};

/** What ssh refuses, and some that it takes only with IgnoreUnknown. */
const badValues: Readonly<Record<string, readonly string[]>> = {
  HostName: ['%n', '%', ''],
  User: ['bob extra', '""', '"open'],
  Port: ['65536', '0', 'nothing', '-1', '1 2'],
  IdentityFile: ['""', '/a /b'],
  IdentitiesOnly: ['maybe', 'yes no'],
  IdentityAgent: ['\u0024{NO_SUCH_VARIABLE}', '$bad-name', '\u0024{open'],
  UserKnownHostsFile: ['none x', '%z', '\u0024{NO_SUCH_VARIABLE}'],
  HostKeyAlias: ['', 'a b'],
  StrictHostKeyChecking: ['never'],
  PubkeyAuthentication: ['on'],
  KexAlgorithms: ['curve25519-sha256,nonsense', '+', 'curve*', '-*,nonsense'],
  HostKeyAlgorithms: ['nonsense', '+foo*'],
  Ciphers: ['none', 'AES128-CTR'],
  MACs: ['+'],
  ConnectTimeout: ['-1', 'soon', '99999999999', '10 20'],
  ServerAliveCountMax: ['-2', 'x'],
  AddressFamily: ['ipv4'],
  ProxyJump: ['a@', 'x:0', 'ssh://h/path', '2001:db8::1', 'a,,b', '@b', '[::1'],
  ProxyCommand: ["it's open"],
  RequestTTY: ['tty'],
  LogLevel: ['chatty'],
  CanonicalDomains: ['none x', '-bad', 'a..b'],
  CanonicalizeMaxDots: ['many'],
  SendEnv: ['A=B'],
  SetEnv: ['A'],
  ForwardAgent: ['no x'],
  LocalForward: ['8080', '8080 x', 'x y:1', '0 a:1', '8080 a:b:c'],
  RemoteForward: ['x', '1 b', '1 b:0'],
  DynamicForward: ['0', 'a:b', '1 a:2'],
  RekeyLimit: ['10', 'much'],
  ControlPersist: ['later'],
  IPQoS: ['best'],
  EscapeChar: ['~~'],
  Tunnel: ['maybe'],
  GSSAPIAuthentication: ['perhaps'],
  OtherThing: ['1', '"'],
  UseKeychain: ['yes'],
  Tag: ['blue'],
  VisualHostKey: [''],
};

const blank = fc.constantFrom(' ', '  ', '\t', '=', ' = ', ' =');
const spelled = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(name, name.toLowerCase(), name.toUpperCase(), `"${name}"`);

const settingOf = (table: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<string> =>
  fc
    .constantFrom(...Object.keys(table))
    .chain(name => fc.tuple(spelled(name), blank, fc.constantFrom(...(table[name] ?? ['']))))
    .map(parts => `  ${parts.join('')}`);
/** What nearly every file consists of. */
const usual = fc
  .constantFrom('HostName', 'User', 'Port', 'IdentityFile', 'ProxyJump', 'ProxyCommand')
  .chain(name => fc.constantFrom(...(values[name] ?? []).slice(0, 3)).map(value => `\t${name} ${value}`));

const listCriterion = fc
  .tuple(
    fc.constantFrom('host', 'originalhost', 'user', 'localuser', '!host', '!originalhost', '!user', 'HOST'),
    fc.constantFrom(' ', '=', '  '),
    fc.array(fc.oneof(pattern, fc.constantFrom('bob', 'root', '!bob', 'al*')), { minLength: 1, maxLength: 2 }),
    fc.constantFrom('', '"'),
  )
  .map(([name, gap, list, quote]) => `${name}${gap}${quote}${list.join(',')}${quote}`);
const bareCriterion = fc.constantFrom('final', 'canonical', '!final', '!canonical', 'all', '!all', 'Final');
const execCriterion = fc.constantFrom(
  'exec true',
  'exec "exit 3"',
  '!exec "test %h = web01"',
  'exec "test %n-%p-%r = web01-22-root"',
);
const badCriterion = fc.constantFrom(
  'host',
  'foo bar',
  'exec "%z"',
  'exec "open',
  'tagged x',
  'localnetwork 10.0.0.0/8',
  'all host a',
);
const match = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: listCriterion },
      { weight: 3, arbitrary: bareCriterion },
      { weight: 1, arbitrary: execCriterion },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(list => `Match ${list.join(' ')}`);

const line = fc.oneof(
  { weight: 8, arbitrary: settingOf(values) },
  { weight: 12, arbitrary: usual },
  { weight: 6, arbitrary: patterns.map(list => `Host ${list.join(' ')}`) },
  { weight: 5, arbitrary: match },
  {
    weight: 3,
    arbitrary: fc.constantFrom('Match all', '', '# comment', '   ', 'Host *', 'Match user bob host web* # why'),
  },
);
const oddLine = fc.oneof(
  settingOf(badValues),
  badCriterion.map(list => `Match ${list}`),
  fc.constantFrom(
    'Port',
    '=Port 3',
    'Host ""',
    'User "x',
    'Match',
    '"Port 3',
    'Host a "b c"',
    'Port==3',
    ' \f',
    'Nonsense x',
  ),
);

const file = fc
  .tuple(
    fc.array(line, { maxLength: 14 }),
    fc.option(fc.tuple(fc.nat(14), oddLine), { freq: 1 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([lines, odd, end]) => (odd === null ? lines : lines.toSpliced(odd[0], 0, odd[1])).join(end));

/** A file, a host, and now and then something from the command line. */
export const oracleCases: fc.Arbitrary<OracleCase> = fc.record(
  {
    text: file,
    host: fc.oneof(
      { weight: 9, arbitrary: word },
      { weight: 1, arbitrary: fc.constantFrom('10.0.0.9', '::1', '127.2', 'WEB01') },
    ),
    user: fc.constantFrom('bob', 'root'),
    port: fc.constantFrom(22, 2200),
    address: fc.constantFrom('10.9.9.9', 'Given.example.com'),
    jump: fc.constantFrom('gate', 'none', 'bob@gate:22,b2'),
  },
  { requiredKeys: ['text', 'host'] },
);
