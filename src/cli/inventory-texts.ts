import { constants } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { SourceText } from '../inventory/contents.ts';
import { isAnsibleText } from '../inventory/format.ts';
import { inputError } from '../model/input-error.ts';
import { errnoText, isErrno } from './errno.ts';
import { readNamed } from './files.ts';
import { printedInventory } from './inventory-program.ts';
import { expandHome, type World } from './world.ts';

/** Files of one inventory, whatever it is made of. More is another directory by mistake. */
const maxFiles = 10_000;

/** Directories in directories. */
const maxDepth = 8;

/**
 * The texts of what one `-i` names: a file, `-` for stdin, a list of hosts with a comma in it (`web1,web2`), a directory of
 * inventories, or a program that prints one. Where a text is Ansible's, the files in group_vars and host_vars beside it follow.
 */
export async function inventoryTexts(
  named: string,
  { mayRun }: { mayRun: boolean },
  world: World,
): Promise<SourceText[]> {
  if (named === '-') return [{ file: '<stdin>', text: await world.readStdin() }];
  const path = expandHome(named, world);
  const found = await statOf(path);
  if (found === undefined && named.includes(',')) {
    const hosts = named.split(',').map(host => host.trim());
    return [{ file: '<inventory>', text: `${hosts.filter(host => host !== '').join('\n')}\n` }];
  }
  const texts = found?.isDirectory()
    ? await directoryTexts(path, { depth: 0, budget: { files: maxFiles } })
    : [await fileText(named, path, { mayRun, world })];
  if (!texts.some(({ text }) => isAnsibleText(text))) return texts;
  const beside = found?.isDirectory() ? path : dirname(path);
  return [
    ...texts,
    ...(await variableTexts(join(beside, 'group_vars'), 'group')),
    ...(await variableTexts(join(beside, 'host_vars'), 'host')),
  ];
}

const statOf = (path: string) => stat(path).catch(() => undefined);

interface Reading {
  readonly mayRun: boolean;
  readonly world: World;
}

async function fileText(named: string, path: string, { mayRun, world }: Reading): Promise<SourceText> {
  if (!mayRun || !(await isProgram(path))) return { file: named, text: await readNamed(path, '') };
  const { mode } = await stat(path);
  if ((mode & 0o002) !== 0) {
    const message = `${named} is a program that everybody may write (mode ${(mode & 0o777).toString(8)}): it is not run; chmod o-w`;
    throw inputError(message);
  }
  return { file: named, text: await printedInventory(named, resolve(path), world) };
}

/** A file that we may execute, and that begins with `#!`. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer.toString('latin1') === '#!';
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

/**
 * Names that are no inventories in a directory of them. Source: IGNORED in lib/ansible/inventory/manager.py with the defaults of
 * INVENTORY_IGNORE_EXTS (ansible-core 2.14).
 */
const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/;

interface Walk {
  readonly depth: number;
  readonly budget: { files: number };
}

async function directoryTexts(directory: string, { depth, budget }: Walk): Promise<SourceText[]> {
  if (depth > maxDepth) throw inputError(`${directory}: directories are nested deeper than ${maxDepth} levels`);
  const texts: SourceText[] = [];
  for (const name of await namesIn(directory)) {
    if (ignored.test(name)) continue;
    const path = join(directory, name);
    const found = await statOf(path);
    if (found?.isDirectory()) texts.push(...(await directoryTexts(path, { depth: depth + 1, budget })));
    else if (found?.isFile()) {
      budget.files -= 1;
      if (budget.files < 0) throw inputError(`${directory}: more than ${maxFiles} files`);
      const text = await readNamed(path, '');
      // A file of comments says nothing, and is no fault beside others.
      if (/^\s*[^#;\s]/m.test(text) || text.startsWith('#!')) texts.push({ file: path, text });
    }
  }
  if (depth === 0 && texts.length === 0) throw inputError(`${directory}: no inventory is in this directory`);
  return texts;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    throw isErrno(error) ? inputError(`${directory}: ${errnoText(error)}`) : error;
  }
}

/** Endings of files of variables, in the order in which they are looked for. Source: `find_vars_files` in parsing/dataloader.py. */
const endings = ['', '.yml', '.yaml', '.json'];

/** Files of group_vars or host_vars: `web`, `web.yml`, or all files in `web/`. Of several for one name the first ending counts. */
async function variableTexts(directory: string, kind: 'group' | 'host'): Promise<SourceText[]> {
  if ((await statOf(directory))?.isDirectory() !== true) return [];
  const best = new Map<string, { readonly rank: number; readonly path: string }>();
  for (const entry of await namesIn(directory)) {
    if (entry.startsWith('.') || entry.endsWith('~')) continue;
    const rank = Math.max(0, endings.indexOf(extname(entry)));
    const name = rank === 0 ? entry : basename(entry, endings[rank]);
    const known = best.get(name);
    if (known === undefined || rank < known.rank) best.set(name, { rank, path: join(directory, entry) });
  }
  const texts: SourceText[] = [];
  const budget = { files: maxFiles };
  for (const [name, { path }] of best) {
    for (const file of await filesBelow(path, { depth: 0, budget })) {
      texts.push({ file, text: await readNamed(file, ''), variablesOf: { kind, name } });
    }
  }
  return texts;
}

async function filesBelow(path: string, { depth, budget }: Walk): Promise<string[]> {
  const found = await statOf(path);
  if (found?.isFile()) {
    budget.files -= 1;
    if (budget.files < 0) throw inputError(`${path}: more than ${maxFiles} files of variables`);
    return [path];
  }
  if (found?.isDirectory() !== true || depth > maxDepth) return [];
  const files: string[] = [];
  for (const entry of await namesIn(path)) {
    if (entry.startsWith('.') || entry.endsWith('~')) continue;
    const below = join(path, entry);
    const isDirectory = (await statOf(below))?.isDirectory() === true;
    if (isDirectory || endings.includes(extname(entry)))
      files.push(...(await filesBelow(below, { depth: depth + 1, budget })));
  }
  return files;
}
