import { describe, expect, test } from 'vitest';
import { namedHost } from '../../src/model/host.ts';
import { defaultDeadlines } from '../../src/model/plan.ts';
import { answerNow, type Oracle, type Question, unanswered } from '../../src/plan/questions.ts';
import { planHost } from '../../src/plan/resolve.ts';
import { parseSshConfig } from '../../src/plan/ssh-config.ts';
import { here } from './oracle.ts';

/** Names that resolve, and where their CNAMEs end. */
type Zone = Readonly<Record<string, string>>;

interface Resolved {
  readonly address: string;
  readonly port: number;
  readonly refusal: string | undefined;
  readonly origin: string | undefined;
  readonly asked: readonly string[];
}

function resolve(text: string, name: string, zone: Zone = {}, version = 'OpenSSH_9.9p1'): Resolved {
  const asked: string[] = [];
  const oracle: Oracle = {
    ...unanswered,
    resolve: ({ name: wanted, canonicalName }: Extract<Question, { kind: 'resolve' }>) => {
      asked.push(wanted);
      const target = zone[wanted];
      return target === undefined ? { found: false } : { found: true, ...(canonicalName && { canonicalName: target }) };
    },
    exec: ({ command }) => {
      asked.push(command);
      return command.includes('signal')
        ? { problem: 'it was ended by SIGTERM' }
        : { status: command.includes('no') ? 1 : 0 };
    },
    version: () => version,
  };
  const config = answerNow(parseSshConfig([{ file: 'c', text }]), oracle);
  const inputs = {
    flags: {},
    config,
    hosts: new Map(),
    surroundings: { ...here, localAddresses: () => ['10.1.2.3', 'fe80::1', 'not an address'] },
    deadlines: defaultDeadlines,
    fileExists: () => false,
  };
  const host = namedHost(name, { file: 'inventory.yaml', line: 1, column: 1 });
  const { address, port, refusal, origins } = answerNow(planHost(host, inputs), oracle);
  return { address, port, refusal: refusal?.code, origin: origins['address'], asked };
}

describe('CanonicalizeHostname', () => {
  const zone = {
    'evil.example.org.': 'x;reboot',
    'web.example.com.': 'web.example.com',
    'www.example.org.': 'server7.internal',
    'db.example.org.': 'x',
  };
  const always = 'CanonicalizeHostname yes\nCanonicalDomains example.com example.org\n';

  test.each([
    ['the first domain that has the name', always, 'web', 'web.example.com', 22],
    ['the next one', always, 'db', 'db.example.org', 22],
    ['a name that is nowhere stays', always, 'nowhere', 'nowhere', 22],
    ['a name with more dots is left alone', always, 'a.b.c', 'a.b.c', 22],
    ['a dot at the end: as it is', always, 'web.example.com.', 'web.example.com', 22],
    ['the last pass knows the name', `${always}Host *.example.com\nPort 7\n`, 'web', 'web.example.com', 7],
    ['Match canonical', `${always}Match canonical host web.*\nPort 8\n`, 'web', 'web.example.com', 8],
    ['HostName first', `Host w\nHostName web\nHost *\n${always}`, 'w', 'web.example.com', 22],
    [
      'CNAMEs that are permitted',
      `${always}CanonicalizePermittedCNAMEs www.*:*.internal\n`,
      'www',
      'server7.internal',
      22,
    ],
    ['CNAMEs that are not', `${always}CanonicalizePermittedCNAMEs www.*:*.com\n`, 'www', 'www.example.org', 22],
    ['CNAMEs that are none', `${always}CanonicalizePermittedCNAMEs *:*\n`, 'evil', 'evil.example.org', 22],
    ['not through a proxy', `${always}ProxyCommand nc %h %p\n`, 'web', 'web', 22],
    ['but always is always', `CanonicalizeHostname always\n${always}ProxyCommand nc\n`, 'web', 'web.example.com', 22],
    ['an address', always, '127.1', '127.0.0.1', 22],
  ])('%s', (_name, text, name, address, port) => {
    expect(resolve(text, name, zone)).toMatchObject({ address, port, refusal: undefined });
  });

  test('a name that is nowhere, without fallback: this host is unreachable, and nothing is tried', () => {
    expect(resolve(`${always}CanonicalizeFallbackLocal no\n`, 'nowhere', zone).refusal).toBe('dns');
  });

  test('the origin is the line that asked for it; nothing is looked up without one', () => {
    expect(resolve(`User x\n${always}`, 'web', zone).origin).toBe('c:2');
    expect(resolve('CanonicalDomains example.com\n', 'web', zone).asked).toEqual([]);
  });
});

describe('Match criteria that the machine answers', () => {
  test.each([
    ['exec yes', 9],
    ['exec no', 22],
    ['!exec no', 9],
    ['localnetwork 10.0.0.0/8', 9],
    ['localnetwork 192.168.0.0/16,fe80::/10', 9],
    ['localnetwork 192.168.0.0/16', 22],
    ['!localnetwork 192.168.0.0/16', 9],
    ['tagged blue', 9],
    ['tagged red,gr*', 22],
    ['tagged ""', 22],
    ['version OpenSSH_9.*', 9],
    ['version OpenSSH_8*', 22],
    ['sessiontype exec', 9],
    ['sessiontype shell', 22],
    ['command "sh *"', 9],
  ])('Match %s', (criteria, port) => {
    expect(resolve(`Tag blue\nMatch ${criteria}\nPort 9\n`, 'web').port).toBe(port);
  });

  test('a command is run only where all else holds, with its tokens', () => {
    const text =
      'Match host db exec "never"\nPort 1\nMatch exec "yes %n-%p" host web user *\nPort 2\nMatch exec "yes %p"\n';
    expect(resolve(`${text}User x\n`, 'web').asked).toEqual(['yes web-22', 'yes 2']);
  });

  test('a command that gives no exit code is an error, as with ssh', () => {
    expect(() => resolve('Match exec "signal"\nPort 1\n', 'web')).toThrow(
      'Match exec "signal": it was ended by SIGTERM',
    );
  });
});
