import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/model/input-error.ts';
import type { ConfigFile, ConfigReader } from '../../src/plan/include.ts';
import { answerNow, type Oracle, unanswered } from '../../src/plan/questions.ts';
import { parseSshConfig, type SshConfig } from '../../src/plan/ssh-config.ts';

/** A reader of files that are in memory. */
const readerOf = (texts: Readonly<Record<string, string>>, more: Partial<ConfigReader> = {}): ConfigReader => ({
  home: '/home/x',
  homeOf: user => (user === 'bob' ? '/home/bob' : undefined),
  list: directory =>
    Object.keys(texts).flatMap(path => (path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1)] : [])),
  read: file => {
    const text = texts[file];
    return text === undefined ? undefined : { text };
  },
  ...more,
});

const parse = (files: readonly ConfigFile[] | string, reader?: ConfigReader, oracle?: Oracle): SshConfig =>
  answerNow(
    parseSshConfig(typeof files === 'string' ? [{ file: 'c', text: files }] : files, {
      variable: () => undefined,
      servicePort: () => undefined,
      ...(reader !== undefined && { reader }),
    }),
    oracle,
  );

/** Settings in the order in which they are read: `port 22 (file:line)`. */
const settings = ({ blocks }: SshConfig): string[] =>
  blocks.flatMap(({ entries }) => entries.map(({ name, value, origin }) => `${name} ${value} (${origin})`));

describe('Include', () => {
  test.each([
    ['*', ['10-a', '20-b', 'ab', 'b']],
    ['[0-9]*', ['10-a', '20-b']],
    ['[!0-9]*', ['ab', 'b']],
    ['?', ['b']],
    ['a*b*', ['ab']],
    ['\\*', []],
    ['.h*', ['.hidden']],
    ['[', []],
    ['20-b', ['20-b']],
    ['nothing', []],
  ])('glob %s', (pattern, expected) => {
    const names = ['b', '20-b', '10-a', '.hidden', 'ab'];
    const texts = Object.fromEntries(names.map(name => [`/home/x/.ssh/conf.d/${name}`, `User ${name}\n`]));
    const main = { file: '/home/x/.ssh/config', text: `Include conf.d/${pattern}\n` };
    const found = settings(parse([main], readerOf(texts)));
    expect(found).toEqual(expected.map(name => `user ${name} (/home/x/.ssh/conf.d/${name}:1)`));
  });

  test('relative to ~/.ssh or /etc/ssh, in the home of anybody, several in one line', () => {
    const texts = {
      '/home/x/.ssh/a': 'User a',
      '/etc/ssh/a': 'User b',
      '/home/bob/a': 'User c',
      '/home/x/a': 'User d',
    };
    const users = { file: '/home/x/.ssh/config', text: 'Include a ~bob/a ~/a\nInclude ~nobody/a\n' };
    const systems = { file: '/etc/ssh/ssh_config', text: 'Include a\n', isSystem: true };
    expect(settings(parse([users, systems], readerOf(texts))).map(line => line.split(' ')[1])).toEqual([
      'a',
      'c',
      'd',
      'b',
    ]);
    expect(() => parse([{ ...systems, text: 'Include ~/a' }], readerOf(texts))).toThrow('/etc/ssh/ssh_config:1:1: ~/a');
  });

  test('stands under the Host block around it, and leaves that as it was', () => {
    const texts = { '/home/x/.ssh/i': 'Port 1\nHost web01\nUser included\n' };
    const { blocksFor } = parse('Host web*\nInclude i\nUser later\nHost *\nPort 3\n', readerOf(texts));
    const told = (host: string): string[] =>
      blocksFor(host).flatMap(({ guards, entries }) => {
        const subject = { host, alias: host } as Parameters<(typeof guards)[number]['holds']>[0];
        return guards.every(guard => guard.holds(subject)) ? entries.map(({ name, value }) => `${name} ${value}`) : [];
      });
    expect(told('web01')).toEqual(['port 1', 'user included', 'user later', 'port 3']);
    expect(told('web02')).toEqual(['port 1', 'user later', 'port 3']);
    expect(told('db')).toEqual(['port 3']);
  });

  test('an Include of itself ends, however often it says so', () => {
    const reader = readerOf({ '/loop': 'Include /loop\nInclude /loop\nInclude /loop\n' });
    expect(() => parse('Include /loop\n', reader)).toThrow('/loop:1:1: Include is nested more than 16 deep');
  });

  test('so does one of very many files', () => {
    const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
    const reader = readerOf({}, { list: () => names, read: () => ({ text: 'Include /d/*\n' }) });
    expect(() => parse('Include /d/*\n', reader)).toThrow(InputError);
  });

  test('a file that ssh would not read is refused by the line that names it', () => {
    const reader = readerOf({}, { read: () => ({ problem: 'bad permissions' }) });
    expect(() => parse('\nInclude /x\n', reader)).toThrow('c:2:1: /x: bad permissions');
  });
});

describe('what ssh refuses', () => {
  test('all bad lines at once, with their places', () => {
    const text = 'User "open\nHost\nPort\nPort 99999\nMatch user\nStrictHostKeyChecking perhaps\nProxyJump a@\n';
    expect(() => parse(text)).toThrow(
      [
        'c:1:1: unbalanced quotes',
        'c:2:1: host without argument',
        'c:3:1: port without argument',
        'c:4:1: bad port "99999"',
        'c:5:1: Match user without argument',
        'c:6:1: bad stricthostkeychecking "perhaps"',
        'c:7:1: bad proxyjump "a@"',
      ].join('\n'),
    );
  });

  test('of what not every ssh knows, the installed one decides; each keyword is asked about once', () => {
    const asked: string[] = [];
    const oracle = {
      ...unanswered,
      accepts: ({ config }: { config: string }) => {
        asked.push(config);
        return !config.startsWith('Match tagged') && !config.startsWith('usekeychain');
      },
    };
    const config = parse('Tag blue\nChannelTimeout x=1\nTag red\nNovelty 1\nUseKeychain yes\n', undefined, oracle);
    expect(asked).toEqual(['tag blue\n', 'channeltimeout x=1\n', 'novelty 1\n', 'usekeychain yes\n']);
    expect(settings(config).filter(line => line.startsWith('tag'))).toHaveLength(2);
    expect(config.unknown.map(({ keyword }) => keyword)).toEqual(['usekeychain']);
    expect(() => parse('Match exec "touch /never" tagged "a b"\n', undefined, oracle)).toThrow(
      'c:1:1: this ssh does not take: Match tagged "a b"',
    );
    expect(asked.at(-1)).toBe('Match tagged "a b"\n');
  });

  test('without an ssh what any ssh knows is taken', () => {
    const config = parse('Tag blue\nMatch tagged blue localnetwork 10.0.0.0/8\nNovelty 1\nKexAlgorithms +new-kex\n');
    expect(config.unknown.map(({ keyword }) => keyword)).toEqual(['novelty']);
    expect(settings(config).at(-1)).toMatch(/^kexalgorithms .*curve25519-sha256.*,new-kex /);
  });
});

test('what is not honoured and matters is named with its line', () => {
  expect(parse('PKCS11Provider /lib/p.so\nKnownHostsCommand none\nCertificateFile /c\n').notes).toEqual([
    'c:1: PKCS11Provider is not supported',
    'c:3: CertificateFile: logins with certificates are not supported, the plain key is tried',
  ]);
});

test('aliases are the names without wildcards', () => {
  expect([...parse('Host a b* !c d\nMatch host e\nHost a.b\n').aliases]).toEqual(['a', 'd', 'a.b']);
});
