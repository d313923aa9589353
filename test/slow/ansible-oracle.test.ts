import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventoryTexts } from '../../src/cli/inventory-texts.ts';
import type { World } from '../../src/cli/world.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { selectHosts } from '../../src/inventory/select.ts';
import type { Inventory } from '../../src/model/host.ts';

/** Ansible itself decides what an inventory of Ansible means. */
const hasAnsible = spawnSync('ansible-inventory', ['--version']).status === 0;
const run = promisify(execFile);
const options = {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  env: { ...process.env, ANSIBLE_LOCALHOST_WARNING: 'false' },
} as const;

interface Listed {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
}

async function ansibleList(path: string) {
  const { stdout } = await run('ansible-inventory', ['-i', path, '--list'], options);
  const {
    _meta,
    ...groups
  }: { _meta: { hostvars: Record<string, Record<string, unknown>> } } & Record<string, Listed> = JSON.parse(stdout);
  const below = (group: string): string[] => [
    ...(groups[group]?.hosts ?? []),
    ...(groups[group]?.children ?? []).flatMap(below),
  ];
  const names = [...new Set(below('all'))].sort();
  const groupNames = Object.keys(groups).filter(group => group !== 'all' && group !== 'ungrouped');
  return {
    names,
    variables: _meta.hostvars,
    groupsOf: (name: string) => groupNames.filter(group => below(group).includes(name)).sort(),
  };
}

const world = { home: '/nowhere', env: process.env } as unknown as World;
const ours = async (path: string): Promise<Inventory> =>
  loadInventory(await inventoryTexts(path, { mayRun: true }, world), { isSshAlias: () => false });

/** Names that our list hides, or that Ansible adds by itself. */
const comparable = (variables: Readonly<Record<string, unknown>> = {}) =>
  Object.fromEntries(
    Object.entries(variables).filter(([key]) => !/pass|secret|token|vault|credential|api_?key|private_key$/i.test(key)),
  );

async function expectAgreement(path: string): Promise<void> {
  const [mine, theirs] = await Promise.all([ours(path), ansibleList(path)]);
  const notSsh = theirs.names.filter(name => !mine.hosts.some(host => host.name === name));
  for (const name of notSsh) expect(mine.notes?.map(note => note.message).join('\n')).toMatch(`${name}`);
  expect([...mine.hosts.map(host => host.name), ...notSsh].sort()).toEqual(theirs.names);
  for (const host of mine.hosts) {
    expect([host.name, [...host.groups].sort()]).toEqual([host.name, theirs.groupsOf(host.name)]);
    expect([host.name, comparable(host.variables?.())]).toEqual([host.name, comparable(theirs.variables[host.name])]);
  }
}

const files: Readonly<Record<string, string>> = {
  'one/hosts.ini': `; comment
lonely ansible_host=192.0.2.1 ansible_port="2022" note='a b # c'  # end
[web]
web[01:05:2].example.com:2222 ansible_user=deploy devices="['/dev/sda', {'a': 1}]" n=0644 m=12 t=True f=1.5 e=
web[a:c] http_port=80 s="'7'" h=0x10 u=1_000 empty=None
[2001:db8::1]:22 ansible_become=yes
[db]
db[1:2] x-y=1
db1 q="a\\"b" path='C:\\dir'
web01.example.com extra=1
[cache:children]
db
[prod:children]
web
cache
[prod:vars]
env=prod
x=prod
[all:vars]
ntp = pool.ntp.org # kept
list=[1, 'two', None, (3,), {4: 5}]
x=0
[web:vars]
ansible_group_priority=5
x=1
[db:vars]
x=2
[ungrouped:vars]
alone=yes
`,
  'one/group_vars/all.yml':
    'x: all-file\nflag: yes\noctal: 010\nwhen: on\nratio: 1.5\nexponents: [1e3, 1.0e+3, 1.0e3, .5]\nletters: [y, n, Y, On, NO]\nnothing: ~\n',
  'one/group_vars/web/a.yml': 'y: 1\nz: {deep: [a, {b: no}]}\n',
  'one/group_vars/web/b.yaml': 'y: 2\n',
  'one/group_vars/web/ignored.txt': 'y: 3\n',
  'one/group_vars/prod': '---\nfrom: no extension\n',
  'one/group_vars/prod.yml': 'from: yml\n',
  'one/host_vars/db1': 'x: hostfile\nansible_port: 2201\n',
  'one/host_vars/lonely.json': '{"j": [1, 2, {"k": null}]}',
  'two/10-ini': '[db]\ndb1 a=1\ndb2\n[db:vars]\nv=ini\n',
  'two/20-yaml.yml':
    'all:\n  vars: {v: all}\n  children:\n    extra:\n      hosts:\n        e[1:3]: {ansible_port: 22}\n        db1: {a: 2, b: &b {c: 1}}\n      vars: {z: 3}\n      children:\n        deeper:\n          children: {deepest: {hosts: {d1: {b: {<<: *b, e: 2}}}, vars: {z: 9, v: deep}}}\n    db:\n',
  'two/nested/30-more': '[more]\nm1\ndb1 a=3\n[more:children]\ndb\n',
  'two/README.md': 'not an inventory\n',
  'two/ignored.ini': '[broken\n',
  'two/group_vars/extra.yml': 'x: dirfile\n',
  'three.yml':
    'web:\n  hosts:\n    w1:\n    "w[2:4:2]": {a: 1}\n    "w5:2200":\n    "[2001:db8::5]:22": {}\n  vars:\n    ansible_user: deploy\nlone: {hosts: w9}\n',
  'four.json': JSON.stringify({
    all: { hosts: { a: { x: 1 }, b: null }, children: { g: { hosts: { b: null }, vars: { y: true } } } },
  }),
};

describe.skipIf(!hasAnsible)('inventories mean what ansible-inventory says (skipped without ansible-core)', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'synaudit-ansible-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const printed = {
      _meta: { hostvars: { p1: { a: 1, ansible_port: '2200' } } },
      g: ['p1', 'p2'],
      h: { hosts: ['p3'], vars: { b: [1] }, children: ['g'] },
    };
    writeFileSync(join(directory, 'program'), `#!/bin/sh\ncat <<'X'\n${JSON.stringify(printed)}\nX\n`, { mode: 0o755 });
    const perHost =
      '#!/bin/sh\ncase $1 in\n--list) echo \'{"g": ["p1", "p2"]}\';;\n--host) echo "{\\"me\\": \\"$2\\"}";;\nesac\n';
    writeFileSync(join(directory, 'per-host'), perHost, { mode: 0o755 });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(['one/hosts.ini', 'two', 'three.yml', 'four.json', 'program', 'per-host'])('%s', async name => {
    await expectAgreement(join(directory, name));
  });

  it.each([
    'all',
    'web',
    'web:&prod:!weba',
    'web,&prod,!weba',
    'web[0]',
    'web[-1]',
    'web[0:2]',
    'prod[1:]',
    'all[0]',
    'all[-1]',
    '~web0\\d',
    '~(db|lonely)',
    'w*',
    'w*,!d*',
    '*.example.com',
    'ungrouped',
    'cache:db1',
    'db[1]',
    'web0[13]*',
    'web[!b]',
    '!web',
    'we?a',
    'lonely,2001:db8::1',
    '2001:db8::1',
    'w*[0:1]',
    '@LIST',
  ])('--limit %j', async pattern => {
    const path = join(directory, 'one/hosts.ini');
    const list = join(directory, 'failed.retry');
    writeFileSync(list, 'db1\nlonely\n');
    const theirs = await run(
      'ansible',
      ['--list-hosts', '-i', path, 'all', '-l', pattern.replace('LIST', list)],
      options,
    );
    const names = theirs.stdout
      .split('\n')
      .slice(1)
      .map(line => line.trim())
      .filter(line => line !== '');
    const inventory = await ours(path);
    const selected = (): string[] =>
      selectHosts(inventory, pattern.replace('@LIST', 'db1,lonely')).map(host => host.name);
    if (names.length === 0) expect(selected).toThrow();
    else expect(selected().sort()).toEqual(names.sort());
  });

  const corpus = fileURLToPath(new URL('../../../shared/corpus/inventories/ansible/', import.meta.url));
  it.skipIf(!existsSync(corpus))(
    'every file of the corpus that both read (skipped without ../shared/corpus)',
    { timeout: 300_000 },
    async () => {
      const all = readdirSync(corpus, { recursive: true, withFileTypes: true }).filter(
        entry => entry.isFile() && entry.name !== 'SOURCES.tsv',
      );
      const agreed: string[] = [];
      for (const entry of all) {
        const path = join(entry.parentPath, entry.name);
        try {
          loadInventory([{ file: 'f', text: readFileSync(path, 'utf8') }], { isSshAlias: () => false });
        } catch {
          continue; // Refusals are in the table of test/inventory/corpus.test.ts.
        }
        // Ansible takes this one from programs only.
        if (entry.name === 'inventory_script__inventory.json') continue;
        await expectAgreement(path);
        agreed.push(entry.name);
      }
      expect(agreed.length).toBeGreaterThan(65);
    },
  );
});
