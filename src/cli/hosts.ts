import { existsSync } from 'node:fs';
import { hostFromArgument, inventoryOf } from '../inventory/argument.ts';
import { loadInventory } from '../inventory/load.ts';
import { selectHosts } from '../inventory/select.ts';
import type { Host, Inventory } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import { aliases, type SshConfig } from '../plan/ssh-config.ts';
import { readNamed } from './files.ts';
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
}

export function selectionSettings(read: OptionReader, args: readonly string[]): Selection {
  const files = read.list('inventory');
  if (args.length > 0 && files.length > 0)
    read.complain('give either hosts or --inventory, not both; --limit selects hosts of an inventory');
  return { arguments: args, files, limit: read.text('limit') };
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
  const hosts = selection.limit === undefined ? inventory.hosts : selectHosts(inventory, selection.limit);
  if (hosts.length === 0) throw inputError(`${subject} names no host`);
  return { inventory, hosts, subject };
}

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

async function inventoryFromFiles(named: readonly string[], sshConfig: SshConfig, world: World) {
  const fromEnvironment = world.env['SYNAUDIT_INVENTORY'];
  const files = named.length > 0 ? named : [fromEnvironment ?? defaultFile];
  const isDefault = named.length === 0 && fromEnvironment === undefined;
  const texts = [];
  for (const file of files)
    texts.push({ file: file === '-' ? '<stdin>' : file, text: await inventoryText(file, { isDefault, world }) });
  const known = aliases(sshConfig);
  const inventory = loadInventory(texts, { isSshAlias: name => known.has(name) });
  return { inventory, subject: texts.map(({ file }) => file).join(', ') };
}

async function inventoryText(
  file: string,
  { isDefault, world }: { isDefault: boolean; world: World },
): Promise<string> {
  if (file === '-') return world.readStdin();
  try {
    return await readNamed(expandHome(file, world), '');
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
