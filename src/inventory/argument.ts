import { type Host, type Inventory, namedHost } from '../model/host.ts';
import { InputError, inputError } from '../model/input-error.ts';
import { readHostPattern } from './host-pattern.ts';
import { quoted } from './names.ts';

/**
 * The host of a command line argument, `[user@]host[:port]`. A bare `localhost` is this machine, which needs no SSH; with a
 * user or a port, its SSH server is meant.
 * Throws: InputError that names the column.
 */
export function hostFromArgument(text: string): Host {
  const read = readHostPattern(text);
  if ('problem' in read) throw inputError(`argument ${quoted(text)}, column ${read.column}: ${read.problem}`);
  const { set, ...settings } = read;
  const [name, ...others] = set.names();
  if (name === undefined || others.length > 0) {
    throw inputError(
      `argument ${quoted(text)}: a range of ${set.size} hosts; give each host, or list them in a file for -i`,
    );
  }
  return {
    ...namedHost(name, { file: 'command line', line: 1, column: 1 }),
    ...settings,
    ...(text === 'localhost' ? { transport: 'local' } : {}),
  };
}

/**
 * An inventory of hosts that were given as arguments. A host given twice in the same words counts once.
 * Throws: InputError for a name that is given with different users or ports.
 */
export function inventoryOf(hosts: readonly Host[]): Inventory {
  const byName = new Map<string, Host>();
  const clashing = new Set<string>();
  for (const host of hosts) {
    const known = byName.get(host.name);
    if (known === undefined) byName.set(host.name, host);
    else if (known.user !== host.user || known.port !== host.port) clashing.add(host.name);
  }
  if (clashing.size > 0) {
    throw new InputError(
      [...clashing].map(name => ({
        message: `host "${name}" is given with different users or ports; give it different names and addresses in an inventory`,
      })),
    );
  }
  return { files: [], hosts: [...byName.values()], groups: new Map(), nat: [], waivers: [] };
}
