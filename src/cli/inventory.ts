import { hostFromArgument, inventoryOf } from '../inventory/argument.ts';
import { checkText, listHosts } from '../inventory/describe.ts';
import { inventoryYaml } from '../inventory/export.ts';
import type { Host, Inventory } from '../model/host.ts';
import { inputError } from '../model/input-error.ts';
import type { Explanation } from '../plan/explain.ts';
import type { SshConfig } from '../plan/ssh-config.ts';
import { stripControls } from '../text/ansi.ts';
import { alignRows } from '../text/table.ts';
import type { Action } from './commands.ts';
import { connectionSettings, explainHost } from './connections.ts';
import { exitCodes } from './exit.ts';
import { hasInventory, selectedHosts, selectionSettings } from './hosts.ts';
import { readOptions } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';
import type { World } from './world.ts';

/** `synaudit inventory list`. */
export const list: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json']) ?? 'table';
  const selection = selectionSettings(read, []);
  read.done();
  const { hosts } = await selectedHosts(selection, await readSshConfig(read, world), world);
  const text = listHosts(hosts, format);
  world.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return exitCodes.done;
};

/** `synaudit inventory check`: a summary, or every complaint on stderr and exit code 2. */
export const check: Action = async ({ options }, world) => {
  const read = readOptions(options);
  const selection = selectionSettings(read, []);
  read.done();
  const { inventory } = await selectedHosts(selection, await readSshConfig(read, world), world);
  const text = checkText(inventory);
  world.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return exitCodes.done;
};

/** `synaudit inventory import [FILE…]`: any inventory that is read, in our own format. */
export const importFrom: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const selection = selectionSettings(read, []);
  read.done();
  const files = [...selection.files, ...args];
  const { inventory, hosts } = await selectedHosts({ ...selection, files }, await readSshConfig(read, world), world);
  world.stdout.write(inventoryYaml({ ...inventory, hosts }));
  return exitCodes.done;
};

/** `synaudit inventory explain HOST`: each value of the connection, and where it comes from. */
export const explain: Action = async ({ args, options }, world) => {
  const read = readOptions(options);
  const format = read.choice('format', ['table', 'json']) ?? 'table';
  const connection = connectionSettings(read, world);
  const files = read.list('inventory');
  read.done();
  const sshConfig = await readSshConfig(read, world);
  const { host, inventory } = await hostNamed(args[0] ?? '', { files, sshConfig, world });
  const { plan, explanation } = await explainHost(host, { inventory, sshConfig, connection, world });
  // ssh gives up on such a host, whatever it was asked; a visit would end with this, too.
  if (plan.refusal?.code === 'dns') throw inputError(plan.refusal.message, host.location);
  if (plan.refusal !== undefined) world.stderr.write(`synaudit: ${stripControls(plan.refusal.message)}\n`);
  world.stdout.write(format === 'json' ? `${JSON.stringify(explanation, null, 2)}\n` : explainedText(explanation));
  return exitCodes.done;
};

interface Sources {
  readonly files: readonly string[];
  readonly sshConfig: SshConfig;
  readonly world: World;
}

/** A host of the inventory; a name that is not there, or where there is no inventory, as `audit NAME` would take it. */
async function hostNamed(
  name: string,
  { files, sshConfig, world }: Sources,
): Promise<{ readonly host: Host; readonly inventory: Inventory }> {
  if (!hasInventory(files, world)) return { host: hostFromArgument(name), inventory: inventoryOf([]) };
  const { inventory, subject } = await selectedHosts({ arguments: [], files, limit: undefined }, sshConfig, world);
  const known = inventory.hosts.find(host => host.name === name);
  if (known !== undefined) return { host: known, inventory };
  const host = hostFromArgument(name);
  world.stderr.write(`synaudit: ${name} is not in ${subject}: explained as \`synaudit audit ${name}\` reaches it\n`);
  return { host, inventory };
}

/** The origin before the value, as lists of algorithms are long. */
function explainedText(explanation: Explanation): string {
  const rows = Object.entries(explanation).map(([name, { value, origin }]) => [
    name,
    origin,
    stripControls(typeof value === 'string' ? value : value.join(' ')),
  ]);
  return `${alignRows([['NAME', 'FROM', 'VALUE'], ...rows]).join('\n')}\n`;
}
