import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ConnectPlan } from '../../src/model/plan.ts';
import { Refusal } from '../../src/transport/errors.ts';
import type { SshAbilities } from '../../src/transport/openssh-abilities.ts';
import { sshArguments } from '../../src/transport/openssh-arguments.ts';
import fc from '../fast-check.ts';
import { planOf } from '../ssh/visits.ts';

const nothing: SshAbilities = { kex: undefined, hostKeys: undefined, ciphers: undefined, macs: undefined };
const at = { address: '192.0.2.7', port: 2222 };
const planned = (more: Partial<ConnectPlan> = {}): ConnectPlan =>
  planOf(at, { transport: 'openssh', sshConfig: 'none', ...more });
const argumentsOf = (more: Partial<ConnectPlan> = {}): readonly string[] =>
  sshArguments(planned(more), nothing, 'sh -s');

/** What ssh itself makes of arguments: keyword to value, of `ssh -G`. */
function understood(args: readonly string[]): ReadonlyMap<string, string> {
  const { stdout, stderr, status } = spawnSync('ssh', ['-G', ...args.filter(arg => arg !== '-v')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.split('\n').map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
  return new Map(lines as [string, string][]);
}

describe('what ssh understands', () => {
  test('where to, as whom, and that nobody is asked', () => {
    const options = understood(argumentsOf({ user: 'audit', host: 'web01' }));
    const wanted = {
      hostname: '192.0.2.7',
      port: '2222',
      user: 'audit',
      batchmode: 'yes',
      numberofpasswordprompts: '0',
      requesttty: 'false',
      controlmaster: 'false',
      clearallforwardings: 'yes',
      updatehostkeys: 'false',
      verifyhostkeydns: 'false',
      globalknownhostsfile: '/dev/null',
    };
    for (const [name, value] of Object.entries(wanted)) expect([name, options.get(name)]).toEqual([name, value]);
  });

  test.each([
    ['strict', 'true', '/a /b'],
    ['accept-new', 'accept-new', '/a /b'],
    ['off', 'false', '/dev/null'],
  ] as const)('host keys %s', (mode, checking, files) => {
    const hostKeys = { mode, files: ['/b', '/a'], appendTo: '/a', alias: 'other', revokedFile: '/r' };
    const options = understood(argumentsOf({ hostKeys }));
    expect(options.get('stricthostkeychecking')).toBe(checking);
    expect(options.get('userknownhostsfile')).toBe(files);
    expect(options.get('hostkeyalias')).toBe('other');
    expect(options.get('revokedhostkeys')).toBe(mode === 'off' ? undefined : '/r');
  });

  test('paths with blanks, quotes, per cent signs and backslashes', () => {
    const path = '/a b/"c" \'d\'/100%h\\e#f=g';
    const hostKeys = { mode: 'strict', files: [path], appendTo: path } as const;
    const options = understood(argumentsOf({ hostKeys, identityFiles: [path] }));
    expect(options.get('identityfile')).toBe(path.replaceAll('%', '%%'));
    expect(options.get('userknownhostsfile')).toBe(path);
  });

  test('older algorithms stand behind what ssh offers by itself; a list of ssh_config wins', () => {
    const modern = understood(argumentsOf());
    const legacy = understood(argumentsOf({ algorithms: 'legacy' }));
    for (const [keyword, last] of [
      ['kexalgorithms', 'diffie-hellman-group14-sha1,diffie-hellman-group1-sha1,diffie-hellman-group-exchange-sha1'],
      ['ciphers', 'aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc'],
      ['hostkeyalgorithms', 'ssh-rsa,ssh-dss'],
    ] as const) {
      expect(legacy.get(keyword)).toBe(`${modern.get(keyword)},${last}`);
    }
    const choice = { names: ['ssh-rsa'], written: ['ssh-rsa'], isReordered: false, origin: 'c:1' };
    const chosen = argumentsOf({ algorithms: 'legacy', algorithmChoices: { hostKeys: choice } });
    expect(chosen.join(' ')).not.toContain('HostKeyAlgorithms');
    const without = sshArguments(planned({ algorithms: 'legacy' }), { ...nothing, hostKeys: ['ssh-rsa'] }, 'sh -s');
    expect(without).toContain('HostKeyAlgorithms=+ssh-rsa');
  });

  test('hops become commands that a shell takes apart into what was meant, however deep', () => {
    const hopAt = (n: number): ConnectPlan =>
      planned({ host: `hop${n}`, address: `192.0.2.${n}`, user: `user ${n}`, identityFiles: [`/it's "${n}"/key %h`] });
    let args = argumentsOf({ hops: [hopAt(1), hopAt(2), hopAt(3), hopAt(4)] });
    for (const n of [4, 3, 2, 1]) {
      const command = understood(args).get('proxycommand')?.replaceAll('%%', '%') ?? '';
      const words = spawnSync('sh', ['-c', `set -- ${command.replace(/^ssh /, '')}; printf '%s\\0' "$@"`]).stdout;
      args = words.toString().split('\0').slice(0, -1);
      const options = understood(args);
      expect([options.get('hostname'), options.get('user')]).toEqual([`192.0.2.${n}`, `user ${n}`]);
      expect(args.at(-1)).toBe(`hop${n}`);
      const next = n === 4 ? at : { address: `192.0.2.${n + 1}`, port: 2222 };
      expect(args).toContain(`[${next.address}]:${next.port}`);
    }
    expect(understood(args).get('proxycommand')).toBeUndefined();
  });
});

test.each([
  [{ host: '-oProxyCommand=touch /tmp/x' }],
  [{ user: '-lroot' }],
  [{ user: '' }],
  [{ host: 'root@web01' }],
  [{ host: 'web01\n' }],
  [{ identityFiles: ['/a\nb'] }],
  [{ identityFiles: ['/\u0024{HOME}/key'] }],
  [{ hops: [planned({ user: '-x' })] }],
])('refused before anything starts: %j', more => {
  expect(() => argumentsOf(more)).toThrow(Refusal);
});

test('no name becomes an option, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (host, user) => {
      try {
        const args = argumentsOf({ host, user });
        const [destination = '', command] = args.slice(-2);
        expect([destination, command]).toEqual([host, 'sh -s']);
        expect(destination).not.toMatch(/^-/);
        expect(args[args.indexOf('-l') + 1]).not.toMatch(/^-/);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
  );
});
