import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDefaults } from '../../src/plan/ssh-lists.ts';
import { buildProgram } from '../cli/built-program.ts';
import { call, freshDirectory } from '../cli/call.ts';
import fc from '../fast-check.ts';
import { oracleCases } from '../plan/config-texts.ts';
import { differences, linesOf } from '../plan/oracle.ts';
import { type Sshd, startSshd } from '../ssh/sshd.ts';
import { type KeyPair, openWorkshop } from '../ssh/workshop.ts';

const directory = mkdtempSync(join(tmpdir(), 'synaudit-ssh-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Keys in which `inventory explain -f json` and `ssh -G` differ. */
function differing(explained: string, printed: string): string[] {
  const theirs = parseDefaults(printed);
  return [...linesOf(JSON.parse(explained))].flatMap(([key, lines]) => {
    const [expected, found] = [theirs.get(key)?.join('\n'), lines.join('\n')];
    return expected === found ? [] : [`${key}: ${expected}, ours: ${found}`];
  });
}

describe('ssh_config as ssh -G understands it', () => {
  test('many generated files', () => {
    const check = fc.property(oracleCases, asked => {
      expect(differences(asked) ?? []).toEqual([]);
    });
    fc.assert(check, { numRuns: 3_000 });
  });

  const corpus = join(import.meta.dirname, '../../../shared/corpus/ssh-config');
  test.skipIf(!statSync(corpus, { throwIfNoEntry: false }))('files of other projects, for every name in them', () => {
    let compared = 0;
    for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
      if (name === 'SOURCES.tsv' || !statSync(join(corpus, name)).isFile()) continue;
      const text = readFileSync(join(corpus, name), 'utf8');
      const words = [...text.matchAll(/^\s*(?:host|match)\s+(.*)$/gim)].flatMap(([, list = '']) =>
        list.split(/[\s,]+/),
      );
      const names = words.map(word => word.replace(/[*?]/g, 'x')).filter(word => /^[a-z0-9][\w.-]*$/i.test(word));
      for (const host of new Set(['test', '10.1.2.3', ...names])) {
        expect(differences({ text, host }) ?? [], `${name} ${host}`).toEqual([]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(200);
  });

  test('a tree of Includes, through the whole program', async () => {
    mkdirSync(join(directory, 'd/sub'), { recursive: true });
    const write = (name: string, text: string, mode = 0o600): string => {
      writeFileSync(join(directory, name), text, { mode });
      return join(directory, name);
    };
    write('d/1.conf', 'User one\nHost web*\nPort 1001\n');
    write('d/2.conf', `Match host *.internal\nUser two\nInclude ${directory}/d/sub/*\nPort 1002\n`);
    write('d/.3.conf', 'Port 3\n');
    write('d/sub/a b', 'IdentityFile /included\nHost db\nIdentityFile /never\n');
    const main = write(
      'main',
      `Host web*\nHostName %h.internal\nInclude "${directory}/d/*.conf" ${directory}/nothing*\nHost *\nUser last\nPort 9\nMatch final\nInclude ${directory}/d/sub/[a-c]*\n`,
    );
    for (const host of ['web01', 'db', 'x.internal']) {
      const ours = await call(['inventory', 'explain', host, '--ssh-config', main, '-f', 'json'], {
        home: userInfo().homedir,
        env: { ...process.env } as Record<string, string>,
      });
      const theirs = execFileSync('ssh', ['-G', '-F', main, host], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect([host, ours.exitCode, differing(ours.stdout, theirs)]).toEqual([host, 0, []]);
    }
    // What another may write is refused by both.
    const open = write('d/4.conf', 'Port 4\n');
    spawnSync('chmod', ['o+w', open]);
    const ours = await call(['inventory', 'explain', 'web01', '--ssh-config', main], { home: userInfo().homedir });
    expect([ours.exitCode, spawnSync('ssh', ['-G', '-F', main, 'web01']).status]).toEqual([2, 255]);
  });

  test('canonical names, with a name server of our own', () => {
    const program = buildProgram(join(directory, 'built'));
    const zone = {
      'web.corp.test': '10.0.0.1',
      'www.corp.test': 'CNAME node7.pool.test',
      'node7.pool.test': '10.0.0.7',
      'alias.test': 'CNAME web.corp.test',
    };
    const canonical = 'CanonicalizeHostname yes\nCanonicalDomains none.test corp.test\n';
    const cases = [
      ['web', canonical],
      ['web.corp', `${canonical}CanonicalizeMaxDots 0\n`],
      ['www', canonical],
      ['www', `${canonical}CanonicalizePermittedCNAMEs *.corp.test:*.pool.test\n`],
      ['www', `${canonical}CanonicalizePermittedCNAMEs *.corp.test:*.other.test\n`],
      ['alias.test', `${canonical}CanonicalizeMaxDots 0\nCanonicalizePermittedCNAMEs *.test:*.test\n`],
      ['anchored', `Host anchored\nHostName web.corp.test.\nHost *\n${canonical}`],
      ['web', `${canonical}Host web.corp.test\nPort 2022\nMatch canonical host *.corp.test\nUser c\n`],
      ['web', `${canonical}Host web\nProxyJump gate\n`],
      ['web', `CanonicalizeHostname always\n${canonical}ProxyCommand nc %h %p\n`],
      ['nowhere', canonical],
      ['nowhere', `${canonical}CanonicalizeFallbackLocal no\n`],
    ] as const;
    const script = [
      'ip link set lo up && mount --bind "$1/resolv.conf" /etc/resolv.conf || exit 1',
      `node "$3" '${JSON.stringify(zone)}' >"$1/ready" & server=$!`,
      'while ! grep -q ready "$1/ready"; do sleep 0.1; done',
      ...cases.flatMap(([host], index) => [
        `ssh -G -F "$1/case-${index}" ${host} >"$1/theirs-${index}"; echo $? >"$1/theirs-${index}.status"`,
        `node "$2" inventory explain ${host} --ssh-config "$1/case-${index}" -f json >"$1/ours-${index}"; echo $? >"$1/ours-${index}.status"`,
      ]),
      'kill $server',
    ].join('\n');
    writeFileSync(join(directory, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    for (const [index, [, text]] of cases.entries()) writeFileSync(join(directory, `case-${index}`), text);
    const server = join(import.meta.dirname, 'dns-server.mjs');
    const args = ['-m', '-n', '--propagation', 'private', 'sh', '-c', script, 'sh', directory, program, server];
    execFileSync('unshare', args, { cwd: directory, stdio: ['ignore', 'ignore', 'ignore'] });

    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    const hostNames = cases.map(([host, text], index) => {
      const status = [read(`theirs-${index}.status`).trim(), read(`ours-${index}.status`).trim()];
      if (status[0] !== '0') return status.join();
      expect([status, differing(read(`ours-${index}`), read(`theirs-${index}`))], `${host}\n${text}`).toEqual([
        ['0', '0'],
        [],
      ]);
      return JSON.parse(read(`ours-${index}`)).hostname.value;
    });
    expect(hostNames).toEqual([
      'web.corp.test',
      'web.corp',
      'www.corp.test',
      'node7.pool.test',
      'www.corp.test',
      'web.corp.test',
      'web.corp.test',
      'web.corp.test',
      'web',
      'web.corp.test',
      'nowhere',
      '255,2',
    ]);
  });
});

describe('if ssh reaches it, so does the audit', () => {
  const workshop = openWorkshop();
  let key: KeyPair;
  let gate: Sshd;
  let inner: Sshd;
  beforeAll(async () => {
    key = workshop.makeKey('id');
    const authorized = [key.publicLine];
    gate = await startSshd({ workshop, address: '127.65.0.1', authorized });
    inner = await startSshd({
      workshop,
      address: '127.65.0.2',
      authorized,
      options: ['KexAlgorithms diffie-hellman-group14-sha1'],
    });
  });
  afterAll(() => workshop.close());

  test.each([
    ['ProxyCommand with ssh -W', () => 'Host web01\nProxyCommand ssh -F CONFIG -W [%h]:%p gate\n'],
    ['ProxyCommand with a program of netcat kind', () => 'Host web01\nProxyCommand busybox nc %h %p\n'],
    [
      'ProxyJump, of which the hop has a ProxyCommand',
      () => 'Host web01\nProxyJump gate\nHost gate\nProxyCommand busybox nc %h %p\n',
    ],
    [
      'a user that Match exec decides',
      () => 'Match host web01 exec "test %n = web01"\nUser root\nMatch host web01 exec "false"\nUser nobody\n',
    ],
    [
      'a name that is an alias of an alias',
      () => 'Match originalhost web01\nHostName %h.internal\nMatch final host web01.internal\nUser root\n',
    ],
  ])('%s', async (name, text) => {
    const config = workshop.write('config', '');
    const known = workshop.write('known', [gate, inner].map(sshd => `pool ${sshd.hostKeys[0]?.publicLine}\n`).join(''));
    const alias = name.startsWith('a name') ? 'Host web01.internal\n' : 'Host web01\n';
    const ends = `Host gate\nHostName ${gate.address}\nPort ${gate.port}\n${alias}HostName ${inner.address}\nPort ${inner.port}\n`;
    const all = `Host *\nUser root\nIdentityFile ${key.path}\nUserKnownHostsFile ${known}\nHostKeyAlias pool\nKexAlgorithms +diffie-hellman-group14-sha1\n`;
    // HostName is taken before the last pass, so the alias of an alias needs it in the first.
    const first = name.startsWith('a name') ? `Host web01\nHostName ${inner.address}\nPort ${inner.port}\n` : '';
    writeFileSync(config, `${first}${text().replace('CONFIG', config)}${ends}${all}`);
    const ssh = spawnSync('ssh', ['-F', config, '-o', 'BatchMode=yes', 'web01', 'echo in'], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([ssh.stdout, ssh.stderr]).toEqual(['in\n', '']);

    const args = ['audit', 'web01', '--ssh-config', config, '--interval', '0', '-q', '-f', 'json'];
    const audit = await call(args, { home: freshDirectory(), env: { ...process.env } as Record<string, string> });
    expect(audit.stderr).toBe('');
    expect(JSON.parse(audit.stdout).hosts).toMatchObject([
      { name: 'web01', outcome: expect.stringMatching(/^(?:audited|partial)$/) },
    ]);
  });
});
