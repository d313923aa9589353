import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fc from '../fast-check.ts';
import { oracleCases } from './config-texts.ts';
import { askSsh, differences } from './oracle.ts';

describe('ssh_config as ssh -G understands it', () => {
  test('generated files', () => {
    let refused = 0;
    fc.assert(
      fc.property(oracleCases, asked => {
        const found = differences(asked);
        refused += found === undefined ? 1 : 0;
        expect(found ?? []).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(refused).toBeLessThan(45);
  }, 60_000);

  test.each([
    ['first value wins, identity files add up', 'User a\nIdentityFile /1\nHost web01\nUser b\nIdentityFile /2\n'],
    ['quotes, equals signs, comments', 'Host = web01 # here\nHostName="x.y" # there\nIdentityFile = "/a b"\n'],
    ['negation', 'Host * !web01\nUser no\nHost web* !web02\nUser yes\n'],
    ['case counts in Host, not in Match host', 'Host WEB01\nUser no\nMatch host WEB01\nPort 7\n'],
    ['Match sees what came before', 'Host web01\nHostName deep.example.com\nMatch host deep.*\nPort 33\n'],
    ['tokens', 'HostName %h.%%\nUserKnownHostsFile ~/k/%n-%h-%p-%r-%u-%i-%l-%L-%k-%C %d/x\n'],
    ['no newline at the end', 'Host web01\n  Port 2022'],
    ['Match final sees the name that HostName gave', 'Host web*\nHostName db.%h\nMatch final host db.*\nPort 5\n'],
    [
      'Host blocks of the last pass look at that name',
      'Host db.*\nUser late\nHost web01\nHostName db.%h\nMatch final\n',
    ],
    ['exec, by its exit code', 'Match exec "test %h = web01"\nPort 5\nMatch !exec "test %h = web01"\nPort 6\n'],
    ['exec sees port, user and alias', 'User u\nPort 3\nMatch exec "test %r%p%n%k = u3web01web01"\nHostKeyAlias yes\n'],
    ['ProxyCommand keeps ProxyJump out', 'ProxyCommand nc %h %p\nProxyJump gate\n'],
    ['ProxyJump keeps ProxyCommand out', 'ProxyJump bob@gate:22,ssh://c@d:4/\nProxyCommand nc\n'],
    ['ProxyJump none does not', 'ProxyJump none\nProxyCommand nc %h %p\nProxyJump gate\n'],
    ['ConnectTimeout none leaves it open', 'ConnectTimeout none\nConnectTimeout 1h30m\n'],
    [
      'algorithms: +, -, ^ and patterns',
      'KexAlgorithms +diffie-hellman-group1-sha1\nMACs -*etm*\nCiphers ^aes256-ctr\n',
    ],
    ['addresses in their canonical form', 'HostName 127.1\n'],
    ['IgnoreUnknown holds from its line on', 'IgnoreUnknown use*\nUseKeychain yes\n'],
    ['a keyword in quotes, leading blanks', ' \t"Port" 22 \n  User=x\n'],
  ])('%s', (_name, text) => {
    for (const host of ['web01', 'web02']) {
      expect(askSsh({ text, host }), 'ssh takes it').toBeDefined();
      expect(differences({ text, host })).toEqual([]);
    }
  });

  test.each([
    ['a bad value, also where it does not hold', 'Host other\nPort 99999\n'],
    ['an unknown option', 'Nonsense yes\n'],
    ['IgnoreUnknown behind it', 'Nonsense yes\nIgnoreUnknown *\n'],
    ['IgnoreUnknown for another host', 'Host other\nIgnoreUnknown *\nHost *\nNonsense yes\n'],
    ['an argument too many', 'User a b\n'],
    ['quotes that do not close', 'ProxyCommand echo "\n'],
    ['a token that is none', 'HostName %n\n'],
    ['a variable that is not set', 'IdentityAgent $\u007bSYNAUDIT_NOT_SET}\n'],
    ['unknown Match criteria', 'Match nonsense x\n'],
    ['all with others', 'Match host a all b\n'],
    ['an unknown algorithm', 'Ciphers +rot13\n'],
    ['no argument', 'Host web01\n  Port\n'],
  ])('both refuse: %s', (_name, text) => {
    expect(differences({ text, host: 'web01' })).toBeUndefined();
  });

  const corpus = join(import.meta.dirname, '../../../shared/corpus/ssh-config');
  test.skipIf(!existsSync(corpus))(
    'files of other projects',
    () => {
      const found: string[] = [];
      const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter(
        name => name !== 'SOURCES.tsv' && statSync(join(corpus, name)).isFile(),
      );
      for (const [index, name] of files.entries()) {
        const text = readFileSync(join(corpus, name), 'utf8');
        const differing = differences({ text, host: index % 2 === 0 ? 'test' : 'tahoe1' }) ?? [];
        found.push(...differing.map(difference => `${name}: ${difference}`));
      }
      expect(found).toEqual([]);
      expect(files.length).toBeGreaterThan(50);
    },
    60_000,
  );
});
