import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KeyedWrite } from '../../src/snapshot/boot-write.ts';
import { tunedWrites } from '../../src/snapshot/tuned-writes.ts';
import { tunedDirectories } from '../../src/sources/boot-writers.ts';
import fc from '../fast-check.ts';

/** Files of a host by their path without the leading slash. */
type Files = Readonly<Record<string, string>>;

/** What tuned's own loader, unit manager and sysctl plugin leave in the keys they write; null: it refuses the profiles. */
type Written = Readonly<Record<string, string>> | null;

/** Debian's package has its modules where this interpreter looks; PYTHONPATH may name others. */
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import tuned.plugins.plugin_sysctl, tuned.units.manager']).status === 0,
);
if (python === undefined) console.warn('tuned is not installed: its profiles are not compared with tuned itself');

/** Every key holds 5 before tuned writes. */
const before = 5;

function askTuned(hosts: readonly Files[]): readonly Written[] {
  const work = mkdtempSync(join(tmpdir(), 'tuned-oracle-'));
  try {
    hosts.forEach((files, index) => {
      for (const [path, text] of Object.entries(files)) {
        const file = join(work, String(index), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    });
    const run = spawnSync(python ?? '', ['-c', oracle, work, String(hosts.length), ...tunedDirectories], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      timeout: 120_000,
    });
    if (run.status !== 0) throw new Error(`tuned failed: ${run.stderr.slice(-2000)}`);
    return JSON.parse(run.stdout) as readonly Written[];
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Real loader, merger, variables, unit manager and sysctl plugin; only reading and writing of /proc/sys is replaced. */
const oracle = `
import builtins, json, os, sys
from unittest.mock import MagicMock
import logging
logging.disable(logging.CRITICAL)
from tuned.profiles.loader import Loader
from tuned.profiles.locator import Locator
from tuned.profiles.merger import Merger
from tuned.profiles.factory import Factory
from tuned.profiles.variables import Variables
from tuned.profiles.exceptions import InvalidProfileException
from tuned.units.manager import Manager
from tuned.utils.global_config import GlobalConfig
import tuned.plugins.plugin_sysctl as module

def norm(option):
    return option.replace("/", ".")

def host(root, directories):
    config = GlobalConfig(os.path.join(root, "etc/tuned/tuned-main.conf"))
    variables = Variables()
    # weakest first
    loader = Loader(Locator([os.path.join(root, d) for d in reversed(directories)]), Factory(), Merger(), config, variables)
    with open(os.path.join(root, "etc/tuned/active_profile")) as f:
        try:
            profile = loader.load(f.read())
        except InvalidProfileException:
            return None
    instances = []
    repository = MagicMock()
    def create(type):
        plugin = MagicMock()
        def create_instance(name, devices, regex, pre, post, options):
            if type == "sysctl":
                instances.append(options)
            return MagicMock(plugin=plugin)
        plugin.create_instance = create_instance
        return plugin
    repository.create = create
    try:
        Manager(repository, MagicMock(), 0, MagicMock(), config).create(profile.units)
    except ValueError:
        return {}  # a priority that is no number ends the daemon's thread

    store = {}
    def write(option, value, ignore_missing=False):
        if not option.startswith("-"):
            store[norm(option)] = value
    def read(option):
        return store.get(norm(option), "${before}")
    plugin = module.SysctlPlugin.__new__(module.SysctlPlugin)
    from tuned.utils.commands import commands
    plugin._cmd, plugin._variables, plugin._storage, plugin._global_cfg = commands(), variables, MagicMock(), config
    plugin._storage_key = lambda *names: "key"
    if hasattr(module, "_write_sysctl"):
        module._write_sysctl, module._read_sysctl = write, read
    else:
        plugin._write_sysctl, plugin._read_sysctl = write, read
    module.SYSCTL_CONFIG_DIRS = [os.path.join(root, d) for d in ("run/sysctl.d", "etc/sysctl.d")]
    module.open = lambda path, *rest: builtins.open(root + path if path == "/etc/sysctl.conf" else path, *rest)
    for options in instances:
        instance = MagicMock()
        instance._sysctl, instance._sysctl_original = options, {}
        plugin._instance_apply_static(instance)
    return store

work, count, directories = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
print(json.dumps([host(os.path.join(work, str(i)), directories) for i in range(count)]))
`;

function ours(files: Files): { readonly lines: readonly KeyedWrite[]; readonly loads: boolean } {
  const sysctl = Object.entries(files)
    .filter(([path]) => /sysctl\.(conf|d)/.test(path))
    .map(([path, text]) => ({ path: `/${path}`, text }));
  const { lines, unread } = tunedWrites({
    once: {
      files: new Map([['etc/tuned/active_profile', { status: 'ok', text: '' }]]),
      has: new Set(['etc/systemd/system/multi-user.target.wants/tuned.service', ...Object.keys(files)]),
      lines: [],
    },
    text: path => files[path] ?? '',
    files: sysctl,
    engines: { procps: new Map(), systemd: null, unread: {} },
  });
  return { lines, loads: Object.keys(unread).length === 0 };
}

/** Both results; keys of which we say that only tuned or the machine can tell are left out. */
function comparable(files: Files, theirs: Written): { readonly we: Written; readonly they: Written } {
  const { lines, loads } = ours(files);
  const untold = new Set(
    lines.filter(({ effect, condition }) => effect === 'unknown' || condition !== undefined).map(({ key }) => key),
  );
  const store: Record<string, string> = {};
  for (const { key, value, effect } of lines) {
    const now = Number(store[key] ?? before);
    // the kernel would have refused what stands there, so that there is nothing to compare with
    if (effect !== undefined && Number.isNaN(now)) untold.add(key);
    const holds = effect === 'raises' ? Number(value) > now : effect === 'lowers' ? Number(value) < now : true;
    if (holds && !key.startsWith('-')) store[key] = value;
  }
  const told = (result: Readonly<Record<string, string>>): Written =>
    Object.fromEntries(
      Object.entries(result)
        .filter(([key]) => !untold.has(key))
        .map(([key, value]) => [key, inOneLine(value)])
        .sort(),
    );
  return { we: loads ? told(store) : null, they: theirs === null ? null : told(theirs) };
}

const inOneLine = (value: string): string => value.replace(/\s+/g, ' ').trim();

const sections = fc.constantFrom('[main]', '[sysctl]', '[sysctl]', '[sysctl]', '[variables]', '[extra]', '[more] x]');
const options = fc.constantFrom(
  ...['include=b', 'include=a,-c', 'include=-c ;  b', 'include=-z', 'include=a', 'include=../x/b # two'],
  ...['type=sysctl', 'type = sysctl', 'type=disk', 'enabled=0', 'enabled=1', 'enabled=true', 'enabled=no'],
  ...['replace=1', 'replace=True', 'replace=0', 'drop=net.a', 'drop=net.a , net.b', 'priority=5', 'priority = -1'],
  ...['net.a=1', 'net.a = 2', 'net.a=>7', 'net.a=>3', 'net.a=<3', 'net.a=<9', 'net.a=>x', 'net.a=>', 'net.a==4'],
  ...['net.b="1 2"', 'net.b = "3', 'net.b=a"b"', 'net.c=1 # on', 'net.c=1#on', 'net.c=#', 'net.c = 2 ; 3', 'net/d=9'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of tuned
  ...['net.d=${x}', 'net.d=>${y}', 'net.d=${x}${y}', 'net.e=\\${x}', 'x=4', 'y=${x}1', 'x=${y}', 'y="2"'],
);
const others = fc.constantFrom('# note', '; note', '', '  ', '   net.a=3', '\tmore', '  # note', ' [sysctl]', '  [x]');
const broken = fc.constantFrom('junk', '=3');
const profileText = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: options },
      { weight: 8, arbitrary: sections },
      { weight: 6, arbitrary: others },
      { weight: 1, arbitrary: fc.oneof({ weight: 29, arbitrary: fc.constant('') }, { weight: 1, arbitrary: broken }) },
    ),
    { minLength: 4, maxLength: 24 },
  )
  .map(lines => `${['[sysctl]', ...lines].join('\n')}\n`);
const profilePath = fc
  .tuple(fc.constantFrom(...tunedDirectories), fc.constantFrom('a', 'b', 'c'))
  .map(([directory, name]) => `${directory}/${name}/tuned.conf`);
const sysctlLine = fc.constantFrom('net.a = 8', 'net.b=9', '-net.c=7', '# net.a=1', 'net.zz=1', 'net.d', 'net/a = 6');
const sysctlPath = fc.constantFrom(
  'etc/sysctl.conf',
  'etc/sysctl.d/50.conf',
  'run/sysctl.d/50.conf',
  'etc/sysctl.d/9.conf',
);
const anyHost: fc.Arbitrary<Files> = fc
  .record({
    profiles: fc.dictionary(profilePath, profileText, { minKeys: 4, maxKeys: 9 }),
    sysctl: fc.dictionary(
      sysctlPath,
      fc.array(sysctlLine, { maxLength: 3 }).map(lines => `${lines.join('\n')}\n`),
      {
        maxKeys: 3,
      },
    ),
    active: fc.constantFrom('a\n', 'a', 'a b\n', ' b  a c ', 'b\n', 'a/../b a'),
    main: fc.constantFrom('reapply_sysctl = 1\n', 'reapply_sysctl=0\n', '# none\n', 'reapply_sysctl = False # off\n'),
  })
  .map(({ profiles, sysctl, active, main }) => ({
    ...profiles,
    ...sysctl,
    'etc/tuned/active_profile': active,
    'etc/tuned/tuned-main.conf': main,
  }));

describe.skipIf(python === undefined)('tuned itself', () => {
  test('leaves in every key what we say it leaves', () => {
    const hosts = fc.sample(anyHost, { numRuns: 800, seed: 20261122 });
    const answers = askTuned(hosts);
    expect(answers).toHaveLength(hosts.length);
    const pairs = hosts.map((files, index) => ({ files, ...comparable(files, answers[index] ?? null) }));
    const differing = pairs.filter(({ we, they }) => JSON.stringify(we) !== JSON.stringify(they));
    expect(differing.slice(0, 2)).toEqual([]);
    // and the hosts are not all of one kind
    expect(pairs.filter(({ they }) => they === null).length).toBeGreaterThan(100);
    expect(pairs.filter(({ they }) => Object.keys(they ?? {}).length > 2).length).toBeGreaterThan(150);
  });

  test('agrees about every profile that comes with it', () => {
    const asked = spawnSync(python ?? '', ['-c', 'import tuned; print(tuned.__file__)'], { encoding: 'utf8' });
    const lib = join(dirname(asked.stdout.trim()), '../../..');
    const stock: Record<string, string> = {};
    for (const directory of ['tuned', 'tuned/profiles']) {
      for (const name of existsSync(join(lib, directory)) ? readdirSync(join(lib, directory)) : []) {
        const file = join(lib, directory, name, 'tuned.conf');
        if (existsSync(file)) stock[`usr/lib/${directory}/${name}/tuned.conf`] = readFileSync(file, 'utf8');
      }
    }
    // not followed: what runs commands, includes what a function tells, or asserts that the host was prepared for it
    const followed = Object.entries(stock).filter(
      ([path, text]) => !text.includes('f:exec') && !/\/(openshift|realtime|cpu-partitioning-)/.test(path),
    );
    const hosts = followed.map(([path]): Files => {
      const name = path.split('/').at(-2) ?? '';
      return { ...stock, 'etc/tuned/active_profile': `${name}\n`, 'etc/tuned/tuned-main.conf': '' };
    });
    expect(hosts.length).toBeGreaterThan(15);
    const answers = askTuned(hosts);
    const pairs = hosts.map((files, index) => ({
      name: files['etc/tuned/active_profile'],
      ...comparable(files, answers[index] ?? null),
    }));
    expect(pairs.filter(({ we, they }) => JSON.stringify(we) !== JSON.stringify(they))).toEqual([]);
    expect(pairs.filter(({ they }) => they !== null && 'vm.dirty_ratio' in they).length).toBeGreaterThan(5);
  });
});
