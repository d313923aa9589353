import type { Location } from '../../model/host.ts';
import { quoted, whyNotHostName, whyNotLine, whyNotUser } from '../names.ts';
import type { HostSettings } from '../schema.ts';
import type { HostVariables } from './precedence.ts';
import { readSshArguments } from './ssh-args.ts';
import { type Variable, vaultedValue } from './statement.ts';

/** A remark about a host, at the place of the variable that it is about. */
export interface Remark {
  readonly message: string;
  readonly location: Location;
}

/** What the variables of a host say about the way to it. */
export interface Connection {
  readonly settings: HostSettings;
  readonly origins: ReadonlyMap<string, Location>;
  readonly remarks: readonly Remark[];
  /** Why the host is left out: it is not reached by SSH. */
  readonly leftOut?: Remark;
}

/** What collects while the variables of one host are read. */
interface Collected {
  readonly settings: Record<string, unknown>;
  readonly origins: Map<string, Location>;
  readonly remarks: Remark[];
}

/** Ways of Ansible to reach a host that are SSH. */
const overSsh = new Set(['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'libssh', 'persistent']);

/**
 * Maps the variables that Ansible's ssh connection reads. Where two names are for one thing, the older one with `ssh` in it wins,
 * as in lib/ansible/plugins/connection/ssh.py (ansible-core 2.14), whose options take the last of their `vars`.
 */
export function connectionOf(name: string, variables: HostVariables): Connection {
  const collected: Collected = { settings: {}, origins: new Map(), remarks: [] };
  const kind = text(variables.get('ansible_connection'), 'ansible_connection', collected);
  const connection = kind?.value.split('.').at(-1)?.toLowerCase();
  if (kind !== undefined && connection === 'local') put('transport', 'local', kind, collected);
  else if (kind !== undefined && connection !== undefined && !overSsh.has(connection)) {
    const message = `ansible_connection ${quoted(kind.value)} is not SSH: left out`;
    return { ...collected, leftOut: { message, location: kind.location } };
  }
  readAddress(name, variables, collected);
  readPort(variables, collected);
  const user = either(['ansible_ssh_user', 'ansible_user'], variables, collected);
  if (user !== undefined) checked('user', user, { whyNot: whyNotUser, collected });
  const identity = either(['ansible_ssh_private_key_file', 'ansible_private_key_file'], variables, collected);
  if (identity !== undefined) checked('identity', identity, { whyNot: whyNotLine, collected });
  readBecome(variables, collected);
  if (collected.settings['transport'] !== 'local') readArguments(name, variables, collected);
  return collected;
}

interface Text {
  readonly value: string;
  readonly key: string;
  readonly location: Location;
}

function put(
  setting: string,
  value: unknown,
  { location }: { readonly location: Location },
  collected: Collected,
): void {
  collected.settings[setting] = value;
  collected.origins.set(setting, location);
}

/** A variable as text. One that must be computed by Ansible, or is encrypted, is told and counts as not set. */
function text(variable: Variable | undefined, key: string, { remarks }: Collected): Text | undefined {
  if (variable === undefined || variable.value === null) return undefined;
  const { value, location } = variable;
  // It is told with all other vaulted variables.
  if (value === vaultedValue) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    remarks.push({ message: `${key} is no text: not read`, location });
  else if (/\{[{%#]/.test(String(value)))
    remarks.push({
      message: `${key} ${quoted(String(value))} is a template of Ansible, which is not evaluated: not read`,
      location,
    });
  else return String(value) === '' ? undefined : { value: String(value), key, location };
  return undefined;
}

function either(keys: readonly string[], variables: HostVariables, collected: Collected): Text | undefined {
  for (const key of keys) {
    const variable = variables.get(key);
    if (variable !== undefined) return text(variable, key, collected);
  }
  return undefined;
}

interface Check {
  readonly whyNot: (value: string) => string | undefined;
  readonly collected: Collected;
}

function checked(setting: string, found: Text, { whyNot, collected }: Check): void {
  const problem = whyNot(found.value);
  if (problem === undefined) put(setting, found.value, found, collected);
  else collected.remarks.push({ message: `${found.key}: ${problem}: not read`, location: found.location });
}

function readAddress(name: string, variables: HostVariables, collected: Collected): void {
  const found = either(['ansible_ssh_host', 'ansible_host'], variables, collected);
  if (found === undefined || found.value === name) return;
  const address = found.value.replace(/^\[(.*:.*)\]$/, '$1');
  checked('address', { ...found, value: address }, { whyNot: whyNotHostName, collected });
}

function readPort(variables: HostVariables, collected: Collected): void {
  const found = either(['ansible_ssh_port', 'ansible_port'], variables, collected);
  if (found === undefined) return;
  const port = Number(found.value.trim());
  if (/^\s*\d{1,5}\s*$/.test(found.value) && port >= 1 && port <= 65_535) put('port', port, found, collected);
  else {
    const message = `${found.key} ${quoted(found.value)} is no port from 1 to 65535: not read`;
    collected.remarks.push({ message, location: found.location });
  }
}

/** Words that Ansible takes for true: `BOOLEANS_TRUE` in lib/ansible/module_utils/parsing/convert_bool.py. */
const yes = /^(?:y|yes|on|1|1\.0|true|t)$/i;

function readBecome(variables: HostVariables, collected: Collected): void {
  const found = either(['ansible_become', 'ansible_sudo'], variables, collected);
  if (found !== undefined) put('sudo', yes.test(found.value.trim()), found, collected);
}

const argumentKeys = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'] as const;

function readArguments(name: string, variables: HostVariables, collected: Collected): void {
  for (const key of argumentKeys) {
    const found = text(variables.get(key), key, collected);
    if (found === undefined) continue;
    const { hops, notes, ...others } = readSshArguments(found.value);
    for (const note of notes) collected.remarks.push({ message: `${key}: ${note}`, location: found.location });
    // Ansible gives port, user and key as options of their own, before these.
    for (const [setting, value] of Object.entries(others)) {
      if (!(setting in collected.settings)) put(setting, value, found, collected);
    }
    if (hops !== undefined && !('hops' in collected.settings)) put('hops', hopsTo(name, hops), found, collected);
  }
}

/** A jump host that is itself in the group which names it is reached by what stands before it. */
function hopsTo(name: string, hops: readonly string[]): readonly string[] {
  const own = hops.findIndex(hop => hop.replace(/^.*@/, '').replace(/:\d+$/, '') === name);
  return own < 0 ? hops : hops.slice(0, own);
}
