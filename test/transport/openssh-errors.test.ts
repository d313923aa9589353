import { describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import type { Phase } from '../../src/model/visit.ts';
import { refusalOfSsh } from '../../src/transport/openssh-errors.ts';
import { createSshLog, type Moment } from '../../src/transport/openssh-log.ts';
import fc from '../fast-check.ts';
import { planOf } from '../ssh/visits.ts';

const plan = planOf({ address: '192.0.2.7', port: 2222 }, { transport: 'openssh' });
const errorOf = (phase: Phase, said: readonly string[], more: Partial<ConnectPlan> = {}) =>
  refusalOfSsh({ plan: { ...plan, ...more }, phase, said, tried: [], greeting: '', hostKey: 'ED25519 SHA256:x' }).error;
const short = ({ outcome, phase, code }: ReturnType<typeof errorOf>): string => `${outcome}/${phase}/${code}`;

/** As OpenSSH 5.3, 7.4, 8.x and 9.2 say it. */
test.each<[string, Phase, string[]]>([
  ['unreachable/connect/refused', 'connect', ['ssh: connect to host 192.0.2.7 port 2222: Connection refused']],
  ['unreachable/connect/no-route', 'connect', ['ssh: connect to host 192.0.2.7 port 2222: No route to host']],
  ['unreachable/connect/no-route', 'connect', ['ssh: connect to host 192.0.2.7 port 2222: Network is unreachable']],
  [
    'unreachable/connect/connect-timeout',
    'connect',
    ['ssh: connect to host 192.0.2.7 port 2222: Connection timed out'],
  ],
  ['unreachable/connect/dns', 'connect', ['ssh: Could not resolve hostname web01: Name or service not known']],
  [
    'unreachable/connect/dns',
    'connect',
    ['ssh: Could not resolve hostname web01: Temporary failure in name resolution'],
  ],
  [
    'failed/handshake/closed',
    'handshake',
    ['kex_exchange_identification: Connection closed by remote host', 'Connection closed by 192.0.2.7 port 2222'],
  ],
  [
    'failed/handshake/closed',
    'handshake',
    ['kex_exchange_identification: read: Connection reset by peer', 'Connection reset by 192.0.2.7 port 2222'],
  ],
  ['failed/handshake/closed', 'handshake', ['ssh_exchange_identification: Connection closed by remote host']],
  ['failed/handshake/closed', 'handshake', ['Connection closed by 192.0.2.7 port 2222']],
  [
    'timed-out/handshake/handshake-timeout',
    'handshake',
    ['Connection timed out during banner exchange', 'Connection to 192.0.2.7 port 2222 timed out'],
  ],
  ['unsupported/handshake/ssh-1', 'handshake', ['Protocol major versions differ: 2 vs. 1']],
  [
    'unsupported/handshake/not-ssh',
    'handshake',
    ['kex_exchange_identification: banner line contains invalid characters'],
  ],
  [
    'unsupported/handshake/no-common-algorithm',
    'handshake',
    [
      'Unable to negotiate with 192.0.2.7 port 2222: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1',
    ],
  ],
  [
    'unsupported/handshake/no-common-algorithm',
    'handshake',
    ['Unable to negotiate with 192.0.2.7 port 2222: no matching host key type found. Their offer: ssh-rsa,ssh-dss'],
  ],
  [
    'unsupported/handshake/no-common-algorithm',
    'handshake',
    ['Unable to negotiate with 192.0.2.7 port 2222: no matching MAC found. Their offer: hmac-md5'],
  ],
  [
    'hostkey-rejected/handshake/hostkey-unknown',
    'handshake',
    [
      'No ED25519 host key is known for [192.0.2.7]:2222 and you have requested strict checking.',
      'Host key verification failed.',
    ],
  ],
  [
    'hostkey-rejected/handshake/hostkey-changed',
    'handshake',
    [
      '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
      'Offending ED25519 key in /k:1',
      'Host key for [192.0.2.7]:2222 has changed and you have requested strict checking.',
      'Host key verification failed.',
    ],
  ],
  [
    'hostkey-rejected/handshake/hostkey-revoked',
    'handshake',
    ['@       WARNING: REVOKED HOST KEY DETECTED!               @', 'Host key verification failed.'],
  ],
  [
    'hostkey-rejected/handshake/hostkey-revoked',
    'handshake',
    ['Host key ED25519 SHA256:x revoked by file /revoked', 'Host key verification failed.'],
  ],
  [
    'hostkey-rejected/handshake/hostkey-unproven',
    'handshake',
    ['ssh_dispatch_run_fatal: Connection to 192.0.2.7 port 2222: incorrect signature'],
  ],
  ['auth-failed/auth/no-method-accepted', 'auth', ['root@192.0.2.7: Permission denied (publickey,password).']],
  ['auth-failed/auth/no-method-accepted', 'auth', ['Permission denied (publickey).']],
  [
    'auth-failed/auth/too-many-attempts',
    'auth',
    [
      'Received disconnect from 192.0.2.7 port 2222:2: Too many authentication failures',
      'Disconnected from 192.0.2.7 port 2222',
    ],
  ],
  ['failed/auth/closed', 'auth', ['Connection closed by 192.0.2.7 port 2222']],
  ['failed/exec/closed', 'exec', ['Connection to 192.0.2.7 closed by remote host.']],
  ['failed/exec/closed', 'exec', ['client_loop: send disconnect: Broken pipe']],
  ['timed-out/exec/keepalive-timeout', 'exec', ['Timeout, server 192.0.2.7 not responding.']],
  ['unsupported/exec/exec-refused', 'exec', ['exec request failed on channel 0']],
  ['unsupported/exec/session-refused', 'exec', ['channel 0: open failed: administratively prohibited: open failed']],
  ['unsupported/plan/ssh-config-refused', 'connect', ['command-line: line 0: Bad configuration option: kexalgorithmz']],
  [
    'unsupported/plan/ssh-config-refused',
    'connect',
    [
      '/home/x/.ssh/config: line 3: Bad configuration option: foo',
      '/home/x/.ssh/config: terminating, 1 bad configuration options',
    ],
  ],
  ['unsupported/plan/ssh-config-refused', 'connect', ['Bad owner or permissions on /home/x/.ssh/config']],
  ['failed/connect/ssh-failed', 'connect', ['something that no version says']],
  ['failed/connect/ssh-failed', 'connect', []],
])('%s in %s', (expected, phase, said) => {
  expect(short(errorOf(phase, said))).toBe(expected);
});

describe('jump hosts', () => {
  const hops = [
    planOf({ address: '192.0.2.1', port: 22 }, { host: 'outer' }),
    planOf({ address: '192.0.2.2', port: 2022 }, { host: 'inner' }),
  ];
  test.each<[string, string | undefined, string[]]>([
    [
      'unreachable/connect/refused',
      'outer',
      [
        'ssh: connect to host 192.0.2.1 port 22: Connection refused',
        'kex_exchange_identification: Connection closed by remote host',
      ],
    ],
    [
      'auth-failed/auth/no-method-accepted',
      'inner',
      ['root@192.0.2.2: Permission denied (publickey).', 'Connection closed by UNKNOWN port 65535'],
    ],
    [
      'hostkey-rejected/handshake/hostkey-unknown',
      'inner',
      [
        'No ED25519 host key is known for [192.0.2.2]:2022 and you have requested strict checking.',
        'Host key verification failed.',
      ],
    ],
    [
      'hostkey-rejected/handshake/hostkey-changed',
      'outer',
      ['Host key for 192.0.2.1 has changed and you have requested strict checking.', 'Host key verification failed.'],
    ],
    [
      'unreachable/connect/refused',
      undefined,
      ['channel 0: open failed: connect failed: Connection refused', 'stdio forwarding failed'],
    ],
    [
      'unreachable/connect/forwarding-refused',
      'inner',
      ['channel 0: open failed: administratively prohibited: open failed', 'stdio forwarding failed'],
    ],
    ['auth-failed/auth/no-method-accepted', undefined, ['root@192.0.2.7: Permission denied (publickey).']],
  ])('%s of %s', (expected, hop, said) => {
    const phase = said.some(line => line.includes('Permission denied')) ? 'auth' : 'connect';
    const error = errorOf(phase, said, { hops });
    expect([short(error), error.hop]).toEqual([expected, hop]);
  });
});

describe('the log', () => {
  const read = (text: string, pieces = 1) => {
    const passed: Moment[] = [];
    let errors = '';
    const log = createSshLog({
      onMoment: moment => passed.push(moment),
      onError: chunk => (errors += chunk.toString()),
    });
    const bytes = Buffer.from(text);
    const size = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let at = 0; at < bytes.length; at += size) log.add(bytes.subarray(at, at + size));
    log.finish();
    return { log, passed, errors: () => errors };
  };
  const whole = [
    'OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\r',
    'debug1: Connecting to 192.0.2.7 [192.0.2.7] port 2222.\r',
    'debug1: Connection established.\r',
    'debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1\r',
    'debug1: kex: algorithm: sntrup761x25519-sha512\r',
    'debug1: kex: host key algorithm: ssh-ed25519\r',
    'debug1: kex: server->client cipher: aes128-ctr MAC: hmac-sha1 compression: none\r',
    'debug1: kex: client->server cipher: chacha20-poly1305@openssh.com MAC: <implicit> compression: none\r',
    'debug1: Server host key: ssh-ed25519 SHA256:abc\r',
    'debug1: SSH2_MSG_NEWKEYS received\r',
    'debug1: Offering public key: /root/.ssh/id ED25519 SHA256:def explicit\r',
    'Authenticated to 192.0.2.7 ([192.0.2.7]:2222) using "publickey".\r',
    'debug1: Sending command: sh -s\r',
    'debug1: Authenticated by the command itself',
    'Permission denied (really)',
    'tail\r',
    'Transferred: sent 3516, received 3344 bytes, in 0.4 seconds\r',
    '',
  ].join('\n');

  test.each([1, 7, 400])('in %i pieces: course, algorithms, what was tried, and the words of the command', pieces => {
    const { log, passed, errors } = read(whole, pieces);
    expect(passed).toEqual(['connected', 'identified', 'keys', 'authenticated']);
    expect(log.algorithms()).toEqual({
      kex: 'sntrup761x25519-sha512',
      hostKey: 'ssh-ed25519',
      cipher: 'chacha20-poly1305@openssh.com',
      mac: '',
    });
    expect([log.tried(), log.hostKey()]).toEqual([['key /root/.ssh/id ED25519 SHA256:def'], 'ED25519 SHA256:abc']);
    expect(errors()).toBe('debug1: Authenticated by the command itself\nPermission denied (really)\ntail\r\n');
    expect(log.said().join()).not.toContain('Permission denied');
  });

  test('whatever is written there: bounded, without control characters, never an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), fc.nat(20), (lines, pieces) => {
        const { log } = read(lines.join('\r\n'), pieces + 1);
        expect(log.said().length).toBeLessThanOrEqual(100);
        expect(log.said().join('')).not.toMatch(/[\x00-\x08\x1b]/);
        expect(errorOf('auth', log.said()).message.length).toBeLessThan(2_000);
      }),
    );
    const { log } = read('x'.repeat(1_000_000));
    expect(log.said().join('').length).toBeLessThan(1_000_000);
  });
});
