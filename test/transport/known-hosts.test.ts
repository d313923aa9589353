import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isHashOf, parseHashedName, probeName } from '../../src/transport/hashed-names.ts';
import { createKnownHosts, type KnownHosts, knownName } from '../../src/transport/known-hosts.ts';
import { namesHost, parseKnownHosts } from '../../src/transport/known-hosts-file.ts';
import { cpuMs } from '../cpu-time.ts';
import fc from '../fast-check.ts';
import { openWorkshop } from '../ssh/workshop.ts';

const workshop = openWorkshop();
afterAll(() => workshop.close());

const keys = [workshop.makeKey('ed'), workshop.makeKey('ed2'), workshop.makeKey('ec', { type: 'ecdsa' })].map(
  ({ publicLine }) => publicLine,
);
const [ed = '', ed2 = '', ec = ''] = keys;
const blobOf = (key: string): Buffer => Buffer.from(key.split(' ')[1] ?? '', 'base64');

const hashOf = (name: string, salt: Buffer): string =>
  `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;

/** Line numbers that `ssh-keygen -F` finds, certificate authorities left out. */
function askKeygen(text: string, name: string): readonly number[] {
  const file = workshop.write('known_hosts', text);
  try {
    const output = execFileSync('ssh-keygen', ['-F', name, '-f', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...output.matchAll(/^# Host .* found: line (\d+)(?! CA)/gm)]
      .filter(([whole]) => !whole.includes(' CA'))
      .map(([, line]) => Number(line));
  } catch {
    return [];
  }
}

const askUs = (text: string, name: string): readonly number[] =>
  parseKnownHosts('f', text)
    .filter(line => namesHost(line, probeName(name.toLowerCase())))
    .map(({ line }) => line);

const names = ['web01', 'web02', 'db.example.com', '[web01]:2222', '192.0.2.7', '2001:db8::1'];
const name = fc.constantFrom(...names);
const pattern = fc.oneof(
  name,
  fc.constantFrom('WEB01', 'web*', '!web02', '*', '*.example.com', 'web0?', '[*]:2222', '!192.0.2.?'),
);
const salt = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytes => Buffer.from(bytes));
const hosts = fc.oneof(
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map(list => list.join(',')),
  fc.tuple(name, salt).map(([plain, bytes]) => hashOf(plain, bytes)),
);
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', '', '@revoked ', '@cert-authority '),
        hosts,
        fc.constantFrom(' ', '\t', '  '),
        fc.constantFrom(...keys),
        fc.constantFrom('', ' a comment', '\r'),
      )
      .map(([marker, who, gap, key, end]) => `${marker}${who}${gap}${key}${end}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '# comment',
      'junk',
      'web01',
      'web01 ssh-ed25519',
      '@other web01 x y',
      '|1|x|y ssh-rsa AAAA',
      `  web01 ${ed}`,
    ),
  },
);
const text = fc.array(line, { maxLength: 8 }).map(lines => `${lines.join('\n')}\n`);

// ssh-keygen -F does not look at the keys, as ssh does: lines whose key is none are left out of the generated files.
describe('which lines name a host', () => {
  test('as ssh-keygen -F finds them, in generated files', () => {
    fc.assert(
      fc.property(text, name, (file, host) => {
        expect(askUs(file, host)).toEqual(askKeygen(file, host));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  const corpus = join(import.meta.dirname, '../../../shared/corpus/known-hosts');
  test.skipIf(!existsSync(corpus))(
    'as ssh-keygen -F finds them, in files of other projects',
    () => {
      let found = 0;
      for (const file of readdirSync(corpus)) {
        const content = readFileSync(join(corpus, file), 'latin1');
        for (const host of ['github.com', 'localhost', '[localhost]:2022', 'example.com', '35.231.145.151']) {
          const lines = askUs(content, host);
          expect({ file, host, lines }).toEqual({ file, host, lines: askKeygen(content, host) });
          found += lines.length;
        }
      }
      expect(found).toBeGreaterThan(5);
    },
    30_000,
  );

  test('a name of any length, hashed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), salt, (plain, bytes) => {
        const hashed = parseHashedName(hashOf(plain, bytes));
        expect(hashed !== undefined && isHashOf(hashed, probeName(`${plain}x`))).toBe(false);
        expect(hashed !== undefined && isHashOf(hashed, probeName(plain))).toBe(true);
      }),
    );
  });
});

describe('what is judged of a key', () => {
  const judge = (file: string, host: Parameters<typeof knownName>[0], key: string): string => {
    const verdict = createKnownHosts(parseKnownHosts('f', file)).judge(knownName(host), blobOf(key));
    if (verdict.state === 'changed') return `changed ${verdict.lines.map(found => found.line)}`;
    return verdict.state === 'revoked' ? `revoked ${verdict.line.line}` : verdict.state;
  };
  const web01 = { address: 'web01', port: 22 };
  const odd = { address: 'web01', port: 2222 };
  // What OpenSSH 9.2 does in each of these was tried with a real ssh and sshd: test/slow/transport-openssh.test.ts.
  test.each([
    ['match', `web01 ${ed}`, web01, ed],
    ['match', `web01 ${ed2}\nweb01 ${ed}`, web01, ed],
    ['unknown', `web02 ${ed}`, web01, ed],
    ['unknown', '', web01, ed],
    ['changed 1', `web01 ${ed2}`, web01, ed],
    ['changed 1', `web01 ${ec}`, web01, ed],
    ['changed 1,3', `web01 ${ec}\n\n* ${ed2}`, web01, ed],
    ['match', `WEB01 ${ed}`, { address: 'Web01', port: 22 }, ed],
    ['match', `*.example.com,!db.example.com ${ed}`, { address: 'a.example.com', port: 22 }, ed],
    ['unknown', `*.example.com,!db.example.com ${ed}`, { address: 'db.example.com', port: 22 }, ed],
    ['match', `[web01]:2222 ${ed}`, odd, ed],
    ['match', `web01 ${ed}`, odd, ed],
    ['unknown', `web01 ${ed2}`, odd, ed],
    ['changed 1', `[web01]:2222 ${ed2}\nweb01 ${ed}`, odd, ed],
    ['unknown', `[web01]:2222 ${ed}`, web01, ed],
    ['match', `${hashOf('[web01]:2222', Buffer.alloc(20, 1))} ${ed}`, odd, ed],
    ['changed 1', `${hashOf('web01', Buffer.alloc(20, 1))} ${ed2}`, web01, ed],
    ['revoked 2', `web01 ${ed}\n@revoked * ${ed}`, web01, ed],
    ['revoked 1', `@revoked web01 ${ed}\nweb01 ${ed}`, odd, ed],
    ['match', `@revoked other ${ed}\nweb01 ${ed}`, web01, ed],
    ['match', `@revoked web01 ${ed2}\nweb01 ${ed}`, web01, ed],
    ['unknown', `@cert-authority web01 ${ed}`, web01, ed],
    ['match', `pool ${ed}`, { ...odd, alias: 'Pool' }, ed],
  ])('%s: %s', (expected, file, host, key) => {
    expect(judge(file, host, key)).toBe(expected);
  });

  test('key types known for the host are asked for first, hashed ones by how common they are', () => {
    const typesFor = (known: KnownHosts, address: string) => known.preferredTypes(knownName({ address, port: 22 }));
    const plain = createKnownHosts(parseKnownHosts('f', `web01 ${ec}\nweb02 ${ed}`));
    expect(typesFor(plain, 'web01')).toEqual(['ecdsa-sha2-nistp256']);
    const hashed = createKnownHosts(
      parseKnownHosts(
        'f',
        ['a', 'b', 'c'].map((host, n) => `${hashOf(host, Buffer.alloc(20, n))} ${host === 'a' ? ed : ec}`).join('\n'),
      ),
    );
    expect(typesFor(hashed, 'a')).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
    hashed.judge(knownName({ address: 'a', port: 22 }), blobOf(ed2));
    expect(typesFor(hashed, 'a')).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  });
});

describe('as many hosts as hashed lines', () => {
  const file = (count: number, keyOf: (n: number) => string): string =>
    Array.from(
      { length: count },
      (_, n) => `${hashOf(`web${n}`, Buffer.from(`salt of line ${n}`.padEnd(20)))} ${keyOf(n)}`,
    ).join('\n');
  const blob = (n: number): Buffer => {
    const bytes = Buffer.from(blobOf(ed));
    bytes.writeUInt32BE(n, bytes.length - 4);
    return bytes;
  };
  /** Milliseconds per host. */
  const judgeAll = (known: KnownHosts, count: number, keyOf: (n: number) => Buffer): number => {
    const startedAt = cpuMs();
    for (let n = 0; n < count; n++) {
      // 2,741 and the counts below have no common divisor: every host once, in quite another order than in the file.
      const host = (n * 2_741) % count;
      const { state } = known.judge(knownName({ address: `web${host}`, port: 22 }), keyOf(host));
      if (state !== 'match') throw new Error(`web${host}: ${state}`);
    }
    return (cpuMs() - startedAt) / count;
  };

  test('5,000, each with a key of its own: one HMAC per host', () => {
    const known = createKnownHosts(
      parseKnownHosts(
        'f',
        file(5_000, n => `ssh-ed25519 ${blob(n).toString('base64')}`),
      ),
    );
    expect(judgeAll(known, 5_000, blob)).toBeLessThan(0.2);
  });

  test('1,000, all with the same key and in another order: a fraction of a login', () => {
    const known = createKnownHosts(
      parseKnownHosts(
        'f',
        file(1_000, () => ed),
      ),
    );
    expect(judgeAll(known, 1_000, () => blobOf(ed))).toBeLessThan(3);
  });
});
