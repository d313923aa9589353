import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BootSettings, LaterWrite } from '../../src/model/snapshot.ts';
import { buildSnapshot } from '../../src/snapshot/build.ts';
import { framesOf, type Shell } from '../collect/run-collector.ts';
import { bareHost, plantTree, type Tree } from '../collect/tree.ts';

export const key = 'net.ipv4.tcp_tw_recycle';
/** Lines of a sysctl file. */
export const on = `${key} = 1\n`;
export const off = `${key} = 0\n`;

/** Plants a host with these files, some of them executable; returns its root. It is removed after the test. */
export function plant(tree: Tree, executable: readonly string[] = []): string {
  const { root, remove } = plantTree({ ...bareHost, 'etc/sysctl.conf': '#\n', ...tree });
  onTestFinished(remove);
  for (const path of executable) chmodSync(join(root, path), 0o755);
  return root;
}

/** What the real collector and the real parser make of a tree. */
export function bootIn(root: string, shell: Shell = ['sh']): BootSettings {
  const { boot } = buildSnapshot(framesOf(root, { shell }));
  if (boot.state !== 'ok') throw new Error(boot.state);
  return boot.value;
}

const shown = ({ value, file, line, by, condition, effect }: LaterWrite): string =>
  [`${effect ?? ''}${value} ${file}:${line}`, by, condition].filter(part => part !== undefined).join(', ');

/** Later writes of a key as text, one per line of the result. */
export const later = ({ later }: BootSettings, of = key): readonly string[] => (later.get(of) ?? []).map(shown);

/** tuned's unit is a link, here to what is not there. */
const started: Tree = { 'etc/systemd/system/multi-user.target.wants/tuned.service': { link: '/usr/lib/x.service' } };
/** A host whose active profile `web` is this text, and which does not apply its sysctl files again. */
export const web = (text: string, more: Tree = {}): Tree => ({
  ...started,
  'etc/tuned/active_profile': 'web\n',
  'etc/tuned/tuned-main.conf': 'reapply_sysctl = 0\n',
  'etc/tuned/web/tuned.conf': text,
  ...more,
});
/** Where that profile is, and what is said of its lines. */
export const place = '/etc/tuned/web/tuned.conf';
export const byWeb = 'by tuned profile web';
