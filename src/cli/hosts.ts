import { existsSync } from 'node:fs';
import { hostFromArgument, inventoryOf } from '../inventory/argument.ts';
import type { SourceText } from '../inventory/contents.ts';
import { loadInventory } from '../inventory/load.ts';
import { patternWords, selectHosts } from '../inventory/select.ts';
import { type Host, type Inventory, namedHost } from '../model/host.ts';
import { complaintLine, InputError, inputError } from '../model/input-error.ts';
import type { HostResult } from '../model/run.ts';
import { aliases, type SshConfig } from '../plan/ssh-config.ts';
import { stripControls } from '../text/ansi.ts';
import { groupBy } from '../text/group-by.ts';
import { readNamed } from './files.ts';
import { inventoryTexts } from './inventory-texts.ts';
import type { OptionReader } from './settings.ts';
import { expandHome, type World } from './world.ts';

const defaultFile = 'inventory.yaml';

/** Whether there is an inventory to look into: one is named, or the default one is there. */
export const hasInventory = (files: readonly string[], world: World): boolean =>
  files.length > 0 || world.env['SYNAUDIT_INVENTORY'] !== undefined || existsSync(defaultFile);

/** Which hosts a command is about, as typed. */
export interface Selection {
  /** `[user@]host[:port]` arguments; with any of them no inventory is read. */
  readonly arguments: readonly string[];
  readonly files: readonly string[];
  readonly limit: string | undefined;
  /** No remarks about the inventory. */
  readonly isQuiet?: boolean;
}

export function selectionSettings(read: OptionReader, args: readonly string[]): Selection {
  const files = read.list('inventory');
  if (args.length > 0 && files.length > 0)
    read.complain('give either hosts or --inventory, not both; --limit selects hosts of an inventory');
  return { arguments: args, files, limit: read.text('limit'), isQuiet: read.isOn('quiet') };
}

/** An inventory, the hosts of it that were asked for, and what to call them all. */
export interface SelectedHosts {
  readonly inventory: Inventory;
  readonly hosts: readonly Host[];
  readonly subject: string;
}

/** Reads and selects. Throws InputError with everything that is wrong. */
export async function selectedHosts(selection: Selection, sshConfig: SshConfig, world: World): Promise<SelectedHosts> {
  const { inventory, subject } =
    selection.arguments.length > 0
      ? { inventory: inventoryOf(argumentHosts(selection.arguments)), subject: 'as given' }
      : await inventoryFromFiles(selection.files, sshConfig, world);
  if (selection.isQuiet !== true) tellNotes(inventory, world);
  const { limit } = selection;
  const hosts = limit === undefined ? inventory.hosts : await patternHosts(inventory, limit, world);
  if (hosts.length === 0) throw inputError(`${subject} names no host`);
  return { inventory, hosts, subject };
}

/** Names of the hosts of a stored run that a host pattern covers; groups are those of the run. Throws InputError. */
export async function namesInRun(
  results: ReadonlyMap<string, Pick<HostResult, 'name' | 'groups'>>,
  pattern: string,
  world: World,
): Promise<readonly string[]> {
  const hosts = [...results.values()].map(({ name, groups }) => ({
    ...namedHost(name, { file: 'stored run', line: 1, column: 1 }),
    groups,
  }));
  const members = groupBy(
    hosts.flatMap(({ name, groups }) => groups.map(group => ({ group, name }))),
    ({ group }) => group,
  );
  const groups = new Map([...members].map(([group, of]) => [group, of.map(({ name }) => name)]));
  const inventory = { ...inventoryOf([]), hosts, groups };
  return selectHosts(inventory, await withListFiles(pattern, inventory, world)).map(({ name }) => name);
}

/** The hosts of an inventory that a pattern covers, with `@FILE` for those of a list. Throws InputError. */
export const patternHosts = async (inventory: Inventory, pattern: string, world: World): Promise<readonly Host[]> =>
  selectHosts(inventory, await withListFiles(pattern, inventory, world));

function argumentHosts(args: readonly string[]): Host[] {
  const complaints: InputError['complaints'][number][] = [];
  const hosts = args.flatMap(argument => {
    try {
      return [hostFromArgument(argument)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
      return [];
    }
  });
  if (complaints.length > 0) throw new InputError(complaints);
  return hosts;
}

/** Remarks that are shown. With more of them the file is of another kind than it was made for. */
const maxNotes = 50;

function tellNotes({ notes = [] }: Inventory, { stderr }: World): void {
  for (const note of notes.slice(0, maxNotes)) stderr.write(`synaudit: ${stripControls(complaintLine(note))}\n`);
  if (notes.length > maxNotes) stderr.write(`synaudit: ${notes.length - maxNotes} more remarks about the inventory\n`);
}

/**
 * `@FILE` in a host pattern is the hosts that stand in a file, one on each line, as in retry files of Ansible. Where a group has
 * that name, the group is meant.
 */
async function withListFiles(pattern: string, inventory: Inventory, world: World): Promise<string> {
  if (!pattern.includes('@')) return pattern;
  const words: string[] = [];
  for (const word of patternWords(pattern)) {
    const file = word.startsWith('@') ? expandHome(word.slice(1), world) : '';
    const isFile = file !== '' && !inventory.groups.has(file) && existsSync(file);
    if (isFile) words.push(...(await readNamed(file, '')).split('\n').map(line => line.trim()));
    else words.push(word);
  }
  return words.filter(word => word !== '').join(',');
}

async function inventoryFromFiles(named: readonly string[], sshConfig: SshConfig, world: World) {
  const fromEnvironment = world.env['SYNAUDIT_INVENTORY'];
  const files = named.length > 0 ? named : [fromEnvironment ?? defaultFile];
  const isDefault = named.length === 0 && fromEnvironment === undefined;
  // Only what is named on the command line is run.
  const mayRun = named.length > 0;
  const texts: SourceText[] = [];
  for (const file of files) texts.push(...(await textsOf(file, { isDefault, mayRun, world })));
  const known = aliases(sshConfig);
  const inventory = loadInventory(onlyOnce(texts), { isSshAlias: name => known.has(name) });
  return { inventory, subject: files.map(file => (file === '-' ? '<stdin>' : file)).join(', ') };
}

/** Two inventories of one directory have the same group_vars. */
function onlyOnce(texts: readonly SourceText[]): SourceText[] {
  const variables = new Set<string>();
  return texts.filter(({ file, variablesOf }) => {
    if (variablesOf === undefined) return true;
    const isNew = !variables.has(file);
    variables.add(file);
    return isNew;
  });
}

async function textsOf(
  file: string,
  { isDefault, mayRun, world }: { isDefault: boolean; mayRun: boolean; world: World },
): Promise<SourceText[]> {
  try {
    return await inventoryTexts(file, { mayRun }, world);
  } catch (error) {
    if (!isDefault || !(error instanceof InputError)) throw error;
    throw new InputError([
      ...error.complaints,
      {
        message:
          'hint: `synaudit init` writes one to start from; `synaudit audit [user@]host` needs none; -i names another',
      },
    ]);
  }
}
