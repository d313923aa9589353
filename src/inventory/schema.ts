import * as z from 'zod';
import { whyNotCidr } from './cidr.ts';
import { whyNotHostName, whyNotLabel, whyNotLine, whyNotUser } from './names.ts';
import { whyNotHostPattern } from './select.ts';

/** Text that passes a check of ours, which says what is wrong in words. */
const text = (whyNot: (value: string) => string | undefined) =>
  z.string().check(({ value, issues }) => {
    const message = whyNot(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });

/** A day of the calendar. YAML 1.2 has no dates, so it arrives as text, quoted or not. */
const day = text(value => {
  const date = new Date(`${value}T00:00:00Z`);
  const exists = /^\d{4}-\d{2}-\d{2}$/.test(value) && date.toJSON()?.startsWith(value);
  return exists ? undefined : `"${value.slice(0, 40)}" is no date; expected YYYY-MM-DD, such as 2027-03-01`;
});

const port = z.int().min(1).max(65535).meta({ description: 'TCP port, 1 to 65535.' });

/** A thing that clients connect to. */
export const serviceSchema = z.strictObject({
  name: text(whyNotLabel).meta({ description: 'Name of the service in the output.' }),
  port,
});

const settings = {
  port: port.exactOptional().meta({ description: 'Port of the SSH server. Default: ssh_config, then 22.' }),
  user: text(whyNotUser).exactOptional().meta({ description: 'Login name. Default: ssh_config, then your own.' }),
  identity: text(whyNotLine).exactOptional().meta({ description: 'Path of a private key; ~ is your home directory.' }),
  hops: z.array(text(whyNotHostName)).exactOptional().meta({
    description: 'Jump hosts, outermost first: hosts of the inventory, or aliases of ssh_config. [] means none.',
  }),
  transport: z.enum(['ssh2', 'openssh', 'local']).exactOptional().meta({
    description:
      'How the host is reached: ssh2, by SSH; openssh, by the ssh of this machine, for certificates, FIDO keys, GSSAPI and post-quantum key exchange; local, because it is this machine. Default: ssh2.',
  }),
  algorithms: z.enum(['modern', 'compatible', 'legacy']).exactOptional().meta({
    description:
      'Which SSH algorithms are offered. compatible: for servers as old as RHEL 6; legacy: as old as RHEL 5. Default: modern.',
  }),
  sudo: z
    .boolean()
    .exactOptional()
    .meta({ description: 'Read as root, by sudo: what other network namespaces need. Default: false.' }),
  zone: text(whyNotLabel).exactOptional().meta({ description: 'Part of the network that the host is in.' }),
  serial: z.int().min(1).exactOptional().meta({ description: 'How many hosts of the group may be changed at a time.' }),
  clients: z.array(z.string()).exactOptional().meta({
    description: 'Names of nat entries from which clients of the host come.',
  }),
  services: z.array(serviceSchema).exactOptional().meta({ description: 'What clients connect to on the host.' }),
  rules: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .exactOptional()
    .meta({ description: 'Parameters of rules, by rule id.' }),
};

/** What holds for hosts that do not say otherwise. */
export const defaultsSchema = z.strictObject(settings);

/** One host, or a range of hosts, with settings of its own. */
export const hostSchema = z.strictObject({
  name: z.string().meta({ description: 'Name in every output; may be a range, such as web[01-40], without address.' }),
  address: text(whyNotHostName).exactOptional().meta({ description: 'Where to connect, if not to the name.' }),
  ...settings,
});

/** Hosts that belong together, and what holds for all of them. */
export const groupSchema = z.strictObject({
  hosts: z
    .array(
      z.union([z.string(), hostSchema], {
        error: 'expected a host such as web[01-40], audit@db1:2222 or { name: db1 }',
      }),
    )
    .nullable()
    .exactOptional()
    .meta({ description: 'Hosts as [user@]host[:port], with ranges, or as mappings.' }),
  ...settings,
});

/** Address ranges behind which many clients share one address. */
export const natSchema = z.strictObject({
  cidrs: z.array(text(whyNotCidr)).min(1).meta({ description: 'Networks, such as 10.8.0.0/16.' }),
  status: z.enum(['active', 'expected']).meta({
    description: 'active: clients come from there now. expected: they will, after a migration.',
  }),
});

/** A finding that somebody accepts for a while. */
export const waiverSchema = z.strictObject({
  rule: text(whyNotLabel).meta({ description: 'Id of the rule.' }),
  hosts: text(whyNotHostPattern).meta({ description: 'Host pattern, as for --limit.' }),
  reason: text(whyNotLine).meta({ description: 'Why the finding is accepted.' }),
  owner: text(whyNotLine).exactOptional().meta({ description: 'Who answers for it.' }),
  expires: day.meta({ description: 'Last day on which the waiver holds, YYYY-MM-DD, in UTC.' }),
});

const named = <T extends z.ZodType>(of: T) => z.record(text(whyNotLabel), of);

/** An inventory file of our own format. The one source of the checks, the types and `schema/inventory.schema.json`. */
export const inventorySchema = z.strictObject({
  version: z.literal(1, { error: 'expected "version: 1", the only version of this format so far' }),
  defaults: defaultsSchema.nullable().exactOptional().meta({ description: 'What holds for hosts that do not differ.' }),
  nat: named(natSchema).nullable().exactOptional().meta({
    description: 'Address ranges behind which many clients share one address, by name.',
  }),
  groups: named(groupSchema.nullable()).nullable().exactOptional().meta({ description: 'Groups of hosts, by name.' }),
  waivers: z.array(waiverSchema).nullable().exactOptional().meta({ description: 'Findings accepted for a while.' }),
});

/** What a file says of a host, on whatever level. */
export type HostSettings = Omit<z.infer<typeof hostSchema>, 'name'>;

/** JSON Schema (draft 7, which editors know best) of an inventory file. */
export const inventoryJsonSchema = (): unknown => ({
  title: 'synaudit inventory',
  ...z.toJSONSchema(inventorySchema, { io: 'input', target: 'draft-7' }),
});
