import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { BootSetting } from '../../src/model/snapshot.ts';
import { bootSettings } from '../../src/snapshot/boot-settings.ts';
import fc from '../fast-check.ts';
import { askPrograms, oracleKeys, oracleMissing, type ProgramResult, type SysctlTree } from './boot-programs.ts';

const missing = oracleMissing();
if (missing !== null) console.warn(`boot settings are not compared with the real programs: ${missing}`);

const values = (settings: ReadonlyMap<string, BootSetting>): Record<string, string> =>
  Object.fromEntries(
    [...settings]
      .filter(([key]) => oracleKeys.some(known => known === key))
      .map(([key, { value }]) => [key, value])
      .sort(),
  );

const sorted = (result: ProgramResult | undefined): Record<string, string> =>
  Object.fromEntries([...(result ?? [])].sort());

const ours = (tree: SysctlTree) =>
  bootSettings(
    Object.entries(tree).map(([path, text]) => ({ path, text })),
    { systemdVersion: 252, keys: oracleKeys },
  );

const directory = fc.constantFrom('/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d');
const name = fc.constantFrom(
  '10-a.conf',
  '99-sysctl.conf',
  '99-zz.conf',
  'local.conf',
  'Z.conf',
  'a.conf.bak',
  'é.conf',
);
const path = fc.oneof(
  { weight: 1, arbitrary: fc.constant('/etc/sysctl.conf') },
  { weight: 3, arbitrary: fc.tuple(directory, name).map(([dir, file]) => `${dir}/${file}`) },
);
const key = fc.constantFrom(
  'net.ipv4.tcp_tw_recycle',
  'net/ipv4/tcp_tw_recycle',
  'net.ipv4/tcp_tw_recycle',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.eth0/100.rp_filter',
  'net/ipv4/conf/eth0.100/rp_filter',
  'net.ipv4.tcp_tw_*',
  'net.ipv4.tcp_t[a-w]*',
  'net.ipv4.conf.*.rp_filter',
  'net.*.tcp_tw_recycle',
  'net/ipv4/tcp_t?_re*',
  '*',
  'kernel.sysrq',
  '\uFEFFkernel.sysrq',
  '',
);
const value = fc.constantFrom(
  '0',
  '1',
  '2',
  '1 # on',
  '1# on',
  '“1”',
  'a = b',
  '',
  ' ',
  '7\t8',
  '\u00A01',
  'x'.repeat(99),
);
const blank = fc.constantFrom('', ' ', '\t', '  ', '\v');
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', '\0');
const assignment = fc
  .tuple(
    blank,
    fc.constantFrom('', '', '', '-', '#', ';', '- ', '--'),
    key,
    blank,
    fc.constantFrom('=', '=', '=', '', '=='),
    blank,
    value,
  )
  .map(([indent, mark, k, before, equals, after, v]) =>
    equals === '' ? `${indent}${mark}${k}${before}` : `${indent}${mark}${k}${before}${equals}${after}${v}`,
  );
const text = fc
  .array(
    fc.tuple(assignment, lineEnd).map(pair => pair.join('')),
    { maxLength: 8 },
  )
  .map(lines => lines.join(''));
const tree: fc.Arbitrary<SysctlTree> = fc.dictionary(path, text, { maxKeys: 6 });

describe.skipIf(missing !== null)('the programs that run at boot', () => {
  test('agree with us on generated trees, line by line', () => {
    const trees = fc.sample(tree, { numRuns: 100, seed: 20261122 });
    const answers = askPrograms(trees);
    expect(answers).toHaveLength(trees.length);
    const differences = trees.flatMap((one, index) => {
      const settings = ours(one);
      const weSay = { procps: values(settings.procps), systemd: values(settings.systemd ?? new Map()) };
      const theySay = { procps: sorted(answers[index]?.procps), systemd: sorted(answers[index]?.systemd) };
      return isDeepStrictEqual(weSay, theySay) ? [] : [{ tree: one, weSay, theySay }];
    });
    expect(differences.slice(0, 3)).toEqual([]);
  });
});
