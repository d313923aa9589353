import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { writtenInteger } from '../../src/rules/integer.ts';
import type { SysctlFile } from '../../src/snapshot/boot-files.ts';
import { bootSettings } from '../../src/snapshot/boot-settings.ts';

/** Public sysctl files with their oddities; not part of this repository. */
const corpus = join(import.meta.dirname, '../../../shared/corpus/sysctl-conf');
const there = existsSync(corpus);
if (!there) console.warn('sysctl files of the shared corpus are not there: skipped');

const key = 'net.ipv4.tcp_tw_recycle';
const read = (path: string): string => readFileSync(join(corpus, path), 'utf8');
const asSysctlConf = (text: string) =>
  bootSettings([{ path: '/etc/sysctl.conf', text }], { systemdVersion: null, keys: [key] }).procps;

const single = there ? readdirSync(corpus).filter(name => name.endsWith('.conf')) : [];

test.skipIf(!there)('every file gives keys, or is known to hold none', () => {
  const empty = single.filter(name => asSysctlConf(read(name)).size === 0);
  expect(empty).toEqual([]);
  expect(single.length).toBeGreaterThan(40);
});

test.skipIf(!there)('tcp_tw_recycle is what the list of sources says of each file', () => {
  const remarks = read('SOURCES.tsv')
    .split('\n')
    .map(line => line.split('\t'))
    .flatMap(columns => {
      const says = /recycle=([01])/.exec(columns.at(-1) ?? '')?.[1];
      return columns[0]?.includes('/') === false && says !== undefined ? [[columns[0], Number(says)] as const] : [];
    });
  expect(remarks.length).toBeGreaterThan(15);
  const ours = remarks.map(([name]) => [name, valueIn(name)]);
  // a comment glued to the value or behind blanks: the kernel takes what stands before the blank
  expect(ours).toEqual(remarks);
});

function valueIn(name: string): number | null {
  const found = asSysctlConf(read(name)).get(key);
  return found === undefined ? null : writtenInteger(found.value);
}

test.skipIf(!there).each([
  ['fragment-leading-hash-variants.conf', 'net.ipv4.tcp_fin_timeout', 30],
  ['fragment-trailing-comments-zh-2.conf', 'net.ipv4.tcp_timestamps', 0],
  ['fragment-tab-indented-comments.conf', 'net.ipv4.tcp_tw_reuse', 1],
  ['trestea__ansible__ceontos7-sysctl.conf', 'net.ipv4.tcp_fin_timeout', 1],
])('%s: %s', (name, setting, expected) => {
  const value = asSysctlConf(read(name)).get(setting)?.value;
  expect(value === undefined ? null : writtenInteger(value)).toBe(expected);
});

const trees = there ? readdirSync(corpus, { withFileTypes: true }).filter(entry => entry.isDirectory()) : [];

test.skipIf(!there).each(trees.map(({ name }) => name))(
  'the whole tree %s: the engines agree where 99-sysctl.conf is there',
  tree => {
    const dropIns = readdirSync(join(corpus, tree, 'etc/sysctl.d')).map((name): SysctlFile => {
      const text = read(`${tree}/etc/sysctl.d/${name}`);
      return { path: `/etc/sysctl.d/${name}`, text, ...(name === '99-sysctl.conf' && { link: '../sysctl.conf' }) };
    });
    const conf = { path: '/etc/sysctl.conf', text: read(`${tree}/etc/sysctl.conf`) };
    const { procps, systemd } = bootSettings([conf, ...dropIns], { systemdVersion: 237, keys: [] });
    expect(procps.size).toBeGreaterThan(5);
    const differing = [...procps].filter(([name, { value }]) => systemd?.get(name)?.value !== value);
    expect(differing).toEqual([]);
    expect([...procps.values()].every(({ file }) => basename(file).endsWith('.conf'))).toBe(true);
  },
);
