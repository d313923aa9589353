import * as z from 'zod';
import type { Waiver } from '../model/host.ts';
import { canonicalCidr } from './cidr.ts';
import {
  type FileContents,
  type HostEntry,
  type Layer,
  type LocatedNat,
  noSettings,
  nothingBut,
  type SourceText,
  unrecognised,
} from './contents.ts';
import { createExpansion, type WrittenHost } from './expansion.ts';
import type { InventoryFormat } from './format.ts';
import { quoted, whyNotLabel } from './names.ts';
import { defaultsSchema, groupSchema, hostSchema, inventorySchema, natSchema, waiverSchema } from './schema.ts';
import { found } from './schema-complaints.ts';
import { layerAt, readSection, type SectionReader } from './section.ts';
import { readYaml } from './yaml-document.ts';
import type { Path } from './yaml-nodes.ts';

/** Our own format: DESIGN.md "Inventory", `inventory.example.yaml`. JSON of the same shape is YAML, too. */
export const synauditYaml: InventoryFormat = { recognises, read };

const keys = Object.keys(inventorySchema.shape);
const anyKey = `(["']?)(?:${keys.join('|')})\\1[^\\S\\n]*:(?=\\s|$)`;
const keyOfBlock = new RegExp(`^${anyKey}`, 'm');
const keyOfFlow = new RegExp(`^\\s*\\{\\s*${anyKey}`);

/** A mapping with one of our keys at the left margin, or first inside of braces. `all:` beside it is a group of Ansible. */
function recognises(text: string): boolean {
  if (/^(["']?)version\1[^\S\n]*:/m.test(text)) return !/^[^\S\n]*\[/m.test(text);
  return keyOfFlow.test(text) || (keyOfBlock.test(text) && !/^(["']?)(?:all|plugin)\1[^\S\n]*:/m.test(text));
}

function read(source: SourceText): FileContents {
  const { document, complaints } = readYaml(source);
  if (document === undefined) return nothingBut(complaints);
  const { value } = document;
  if (typeof value !== 'object' || value === null || !keys.some(key => key in value)) {
    return unrecognised(document.locate([]));
  }
  return readFile({ document, complaints: [...complaints], references: [] });
}

const sections = z.record(z.string(), z.unknown()).nullable().exactOptional();

/** The file as a whole. Its sections are checked one by one: a fault in one must hide none in another. */
const fileSchema = z.strictObject({
  ...inventorySchema.shape,
  defaults: z.unknown().optional(),
  nat: sections,
  groups: sections,
  waivers: z.array(z.unknown()).nullable().exactOptional(),
});

function readFile(reader: SectionReader): FileContents {
  const { value } = reader.document;
  const file = readSection(fileSchema, { path: [], what: '', value }, reader);
  const defaults = readDefaults(file.defaults, reader);
  const nat = Object.entries(file.nat ?? {}).map(([name, entry]) => readNat(name, entry, reader));
  const groups = Object.entries(file.groups ?? {});
  const expand = createExpansion(reader.complaints);
  const entries = groups.flatMap(([name, group]) => readGroup({ name, value: group, defaults, expand }, reader));
  const waivers = (file.waivers ?? []).flatMap((waiver, i) => readWaiver(i, waiver, reader));
  const { complaints, references } = reader;
  return { entries, groups: groups.map(([name]) => name), nat, waivers, references, complaints };
}

function readDefaults(value: unknown, reader: SectionReader): Layer {
  if (value === undefined || value === null) return noSettings;
  const path = ['defaults'];
  return layerAt(readSection(defaultsSchema, { path, what: 'defaults', value }, reader), path, reader);
}

/** Names of sections become words of host patterns and of the output. */
function checkLabel(path: Path, { document, complaints }: SectionReader): void {
  const message = whyNotLabel(String(path.at(-1)));
  if (message !== undefined) complaints.push({ message, location: document.locateKey(path) });
}

function readNat(name: string, value: unknown, reader: SectionReader): LocatedNat {
  const path = ['nat', name];
  checkLabel(path, reader);
  const { cidrs = [], status = 'active' } = readSection(
    natSchema,
    { path, what: `nat entry "${name}"`, value },
    reader,
  );
  return { name, cidrs: cidrs.map(canonicalCidr), status, location: reader.document.locateKey(path) };
}

function readWaiver(index: number, value: unknown, reader: SectionReader): Waiver[] {
  const path = ['waivers', index];
  const waiver = readSection(waiverSchema, { path, what: `waiver ${index + 1}`, value }, reader);
  const { rule, hosts, reason, expires } = waiver;
  if (rule === undefined || hosts === undefined || reason === undefined || expires === undefined) return [];
  const location = reader.document.locate(path);
  return [{ ...waiver, rule, hosts, reason, expires, location }];
}

interface WrittenGroup {
  readonly name: string;
  readonly value: unknown;
  readonly defaults: Layer;
  readonly expand: (written: WrittenHost) => HostEntry | undefined;
}

const openGroupSchema = z.strictObject({
  ...groupSchema.shape,
  hosts: z.array(z.unknown()).nullable().exactOptional(),
});

function readGroup({ name, value, defaults, expand }: WrittenGroup, reader: SectionReader): HostEntry[] {
  const path = ['groups', name];
  checkLabel(path, reader);
  if (value === null) return [];
  const { hosts, ...settings } = readSection(openGroupSchema, { path, what: `group "${name}"`, value }, reader);
  const wide = layerAt(settings, path, reader);
  return (hosts ?? []).flatMap((host, i) => {
    const written = readHost(host, [...path, 'hosts', i], reader);
    return (written && expand({ ...written, group: name, defaults, wide })) ?? [];
  });
}

type HostText = Pick<WrittenHost, 'pattern' | 'own' | 'at'>;

function readHost(value: unknown, path: Path, reader: SectionReader): HostText | undefined {
  const { document, complaints } = reader;
  if (typeof value === 'string') return { pattern: value, at: column => document.locate(path, column) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `expected a host such as web[01-40], audit@db1:2222 or { name: db1 }, found ${found(value)}`;
    complaints.push({ message, location: document.locate(path) });
    return undefined;
  }
  const what = 'name' in value && typeof value.name === 'string' ? `host ${quoted(value.name)}` : 'a host';
  const { name, ...settings } = readSection(hostSchema, { path, what, value }, reader);
  const own = layerAt(settings, path, reader);
  if (name === undefined) return undefined;
  return { pattern: name, own, at: column => document.locate([...path, 'name'], column) };
}
