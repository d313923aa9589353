import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/model/input-error.ts';
import { parseSshConfig, type SshConfig } from '../../src/plan/ssh-config.ts';
import { lookupHost } from '../../src/plan/ssh-config-lookup.ts';
import { expandPath } from '../../src/plan/tokens.ts';

const directory = mkdtempSync(join(tmpdir(), 'synaudit-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const { username: localUser, homedir: home } = userInfo();

/** What real ssh makes of a file for a host: `key -> values`. Undefined if it refuses the file. */
function askSsh(text: string, host: string): ReadonlyMap<string, readonly string[]> | undefined {
  const file = join(directory, 'config');
  writeFileSync(file, text);
  try {
    const output = execFileSync('ssh', ['-G', '-F', file, host], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const values = new Map<string, string[]>();
    for (const line of output.split('\n')) {
      const [key = '', ...rest] = line.split(' ');
      values.set(key, [...(values.get(key) ?? []), rest.join(' ')]);
    }
    return values;
  } catch {
    return undefined;
  }
}

/** The same keys from our parser, in the form in which `ssh -G` prints them. */
function askUs(text: string, host: string): ReadonlyMap<string, readonly string[]> {
  return printed(parseSshConfig([{ file: 'config', text }]), host);
}

function printed(config: SshConfig, host: string): ReadonlyMap<string, readonly string[]> {
  const said = lookupHost(config, { alias: host, user: undefined, localUser });
  const address = (said.hostName?.value ?? host).toLowerCase();
  const user = said.user?.value ?? localUser;
  const port = said.port?.value ?? 22;
  const values = { address, alias: host, port, user, localUser, home };
  const files = (list: readonly string[] | undefined): string[] =>
    list === undefined ? [] : [list.map(file => expandPath(file, values)).join(' ')];
  const one = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
  return new Map([
    ['hostname', [address]],
    ['user', [user]],
    ['port', [String(port)]],
    ['identityfile', said.identityFiles.map(({ value }) => value)],
    ['identitiesonly', [said.identitiesOnly?.value === true ? 'yes' : 'no']],
    ['userknownhostsfile', files(said.userKnownHostsFiles?.value)],
    ['hostkeyalias', one(said.hostKeyAlias?.value)],
    ['proxyjump', one(said.proxyJump?.value).filter(value => value !== 'none')],
  ]);
}

/** Compares key by key; defaults of ssh that we leave to the planner are left out. */
function compare(text: string, host: string): void {
  const theirs = askSsh(text, host);
  if (theirs === undefined) return;
  for (const [key, values] of askUs(text, host)) {
    if (values.length === 0) continue;
    expect({ key, values }, text).toEqual({ key, values: theirs.get(key) });
  }
}

const word = fc.constantFrom('web01', 'web02', 'db', 'a.example.com', 'b.example.com');
const pattern = fc.oneof(word, fc.constantFrom('*', 'web*', '!web02', '*.example.com', '!*.com', 'web0?'));
const blank = fc.constantFrom(' ', '  ', '\t', '=', ' = ');
const setting = fc.oneof(
  fc.tuple(
    fc.constantFrom('HostName', 'hostname'),
    fc.constantFrom('%h.internal', '10.0.0.1', 'Other', '%%x'.slice(2)),
  ),
  fc.tuple(fc.constant('User'), fc.constantFrom('bob', 'alice', '"carol"')),
  fc.tuple(fc.constant('Port'), fc.constantFrom('22', '2222', '65535')),
  fc.tuple(fc.constant('IdentityFile'), fc.constantFrom('~/.ssh/a', '"/keys/my key"', '/keys/%h-%r', '~/.ssh/b # why')),
  fc.tuple(fc.constant('IdentitiesOnly'), fc.constantFrom('yes', 'no')),
  fc.tuple(fc.constant('UserKnownHostsFile'), fc.constantFrom('~/kh', '/kh/%h "/kh/a b"', '/dev/null')),
  fc.tuple(fc.constant('HostKeyAlias'), fc.constantFrom('alias1', 'alias2')),
  fc.tuple(fc.constant('ProxyJump'), fc.constantFrom('bastion', 'bob@b1:2222,b2', 'none')),
);
const line = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(setting, blank).map(([[key, value], gap]) => `  ${key}${gap}${value}`) },
  { weight: 2, arbitrary: fc.array(pattern, { minLength: 1, maxLength: 3 }).map(list => `Host ${list.join(' ')}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('host', 'originalhost', 'user', 'localuser', '!host', '!user'),
        fc.array(pattern, { minLength: 1, maxLength: 2 }),
      )
      .map(([criterion, list]) => `Match ${criterion} ${list.join(',')}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('Match all', '', '# comment', 'Match user bob host web*') },
);
const file = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.join(end));

describe('ssh_config as ssh -G understands it', () => {
  test('generated files', () => {
    fc.assert(fc.property(file, word, compare), { numRuns: 120 });
  }, 60_000);

  test.each([
    ['first value wins, identity files add up', 'User a\nIdentityFile /1\nHost web01\nUser b\nIdentityFile /2\n'],
    ['quotes, equals signs, comments', 'Host = web01 # here\nHostName="x.y" # there\nIdentityFile = "/a b"\n'],
    ['negation', 'Host * !web01\nUser no\nHost web* !web02\nUser yes\n'],
    ['case counts in Host', 'Host WEB01\nUser no\n'],
    [
      'Match sees what came before',
      'Host web01\nHostName deep.example.com\nMatch host deep.*\nPort 33\nMatch user bob\nPort 1\n',
    ],
    ['tokens', 'HostName %h.%%\nUserKnownHostsFile ~/k/%n-%h-%p-%r-%u %d/x\n'],
    ['no newline at the end', 'Host web01\n  Port 2022'],
  ])('%s', (_name, text) => {
    expect(askSsh(text, 'web02') === undefined && askSsh(text, 'web01') === undefined).toBe(false);
    for (const host of ['web01', 'web02']) compare(text, host);
  });

  const corpus = join(import.meta.dirname, '../../../shared/corpus/ssh-config');
  test.skipIf(!existsSync(corpus))(
    'files of other projects',
    () => {
      let compared = 0;
      for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
        const path = join(corpus, name);
        if (!statSync(path).isFile() || name === 'SOURCES.tsv') continue;
        const text = readFileSync(path, 'latin1');
        // Includes point to files that are not there, and these two are for a later pass of ssh that we do not make.
        if (/^\s*(?:include|canonicalize|match.*(?:final|canonical|exec))/im.test(text)) continue;
        for (const host of ['test', 'tahoe1']) {
          compare(text, host);
          compared += 1;
        }
      }
      expect(compared).toBeGreaterThan(50);
    },
    60_000,
  );
});

describe('what ssh -G does not show', () => {
  test('Include: order, nesting, globs, relative paths, and the Host block around it', () => {
    const texts: Readonly<Record<string, string>> = {
      '/home/x/.ssh/conf.d/10-a': 'Port 1010\nHost web01\nUser included\n',
      '/home/x/.ssh/conf.d/20-b': 'Port 2020\n',
      '/home/x/.ssh/conf.d/.hidden': 'Port 1\n',
    };
    const names = Object.keys(texts).map(path => path.slice('/home/x/.ssh/conf.d/'.length));
    const reader = {
      home: '/home/x',
      list: (path: string) => (path === '/home/x/.ssh/conf.d' ? names : []),
      read: (path: string) => texts[path],
    };
    const main = { file: '/home/x/.ssh/config', text: 'Host web*\nInclude conf.d/*\nUser later\nHost *\nPort 3030\n' };
    const config = parseSshConfig([main], reader);
    const ask = (alias: string) => lookupHost(config, { alias, user: undefined, localUser });
    expect(ask('web01').port).toEqual({ value: 1010, origin: '/home/x/.ssh/conf.d/10-a:1' });
    expect(ask('web01').user?.value).toBe('included');
    expect(ask('web02').user).toEqual({ value: 'later', origin: '/home/x/.ssh/config:3' });
    expect(ask('db').port?.value).toBe(3030);
  });

  test('an Include of itself ends with a complaint', () => {
    const reader = { home: '/h', list: () => [], read: () => 'Include /loop\n' };
    expect(() => parseSshConfig([{ file: '/h/.ssh/config', text: 'Include /loop\n' }], reader)).toThrow(
      /nested more than 16/,
    );
  });

  test('all bad lines at once, with their places', () => {
    const text = 'User "open\nHost\nPort\n';
    const complaints = (): unknown => parseSshConfig([{ file: 'c', text }]);
    expect(complaints).toThrow(InputError);
    expect(complaints).toThrow('c:1:1: unbalanced quotes\nc:2:1: host without argument\nc:3:1: port without argument');
  });

  test('a bad port says where it stands, and only for hosts it is for', () => {
    const config = parseSshConfig([{ file: 'c', text: 'Host a\nPort 99999\n' }]);
    expect(() => lookupHost(config, { alias: 'a', user: undefined, localUser })).toThrow('c:2:1: bad port "99999"');
    expect(lookupHost(config, { alias: 'b', user: undefined, localUser }).port).toBeUndefined();
  });

  test('what is not honoured is named with its line', () => {
    const text = 'Match exec "true"\nUser evil\nMatch all\nProxyCommand nc %h %p\n';
    const config = parseSshConfig([{ file: 'c', text }]);
    expect(config.notes).toEqual([
      'c:1: Match exec is not supported, the block is not applied',
      'c:4: proxycommand is not supported',
    ]);
    expect(lookupHost(config, { alias: 'a', user: undefined, localUser }).user).toBeUndefined();
  });

  test('aliases are the names without wildcards', () => {
    const config = parseSshConfig([{ file: 'c', text: 'Host a b* !c d\nMatch host e\nHost a.b\n' }]);
    expect([...config.aliases]).toEqual(['a', 'd', 'a.b']);
  });
});
