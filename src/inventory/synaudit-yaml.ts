import * as z from 'zod';
import type { Complaint } from '../model/input-error.ts';
import { canonicalCidr } from './cidr.ts';
import { type FileContents, type HostEntry, type Layer, layered, noSettings, nothingBut } from './contents.ts';
import type { Reference, SourceText } from './contents.ts';
import { createExpansion, type WrittenHost } from './expansion.ts';
import type { InventoryFormat } from './format.ts';
import { whyNotLabel } from './names.ts';
import {
  defaultsSchema,
  groupSchema,
  type HostSettings,
  hostSchema,
  inventorySchema,
  natSchema,
  waiverSchema,
} from './schema.ts';
import { found, type Section, schemaComplaints } from './schema-complaints.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** Our own format: DESIGN.md "Inventory", `inventory.example.yaml`. JSON of the same shape is YAML, too. */
export const synauditYaml: InventoryFormat = { recognises, read };

/** The first line that is no comment begins a mapping, or a YAML document by a marker. */
function recognises(text: string): boolean {
  const first = /^[^\S\n]*[^#\s].*$/m.exec(text)?.[0].trim() ?? '';
  return /^(---|%YAML|\{|(["']?)[\w.-]+\2\s*:(\s|$))/.test(first);
}

const keys = Object.keys(inventorySchema.shape);

function read(source: SourceText): FileContents {
  const { document, complaints } = readYaml(source);
  if (document === undefined) return nothingBut(complaints);
  const { value } = document;
  if (!isMapping(value) || !keys.some(key => key in value)) {
    const message = 'expected a synaudit inventory (it begins with "version: 1") or a plain list of hosts';
    return nothingBut([...complaints, { message, location: document.locate([]) }]);
  }
  return createReader(document, [...complaints]).readFile(value);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The file as a whole; its sections are checked one by one, so that a fault in one hides none in another. */
const fileSchema = z.strictObject({
  ...inventorySchema.shape,
  defaults: z.unknown(),
  nat: z.record(z.string(), z.unknown()).nullable(),
  groups: z.record(z.string(), z.unknown()).nullable(),
  waivers: z.array(z.unknown()).nullable(),
});
