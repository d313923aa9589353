import type * as z from 'zod';
import type { Complaint } from '../model/input-error.ts';
import type { Layer, Reference } from './contents.ts';
import type { HostSettings } from './schema.ts';
import { type Section, schemaComplaints } from './schema-complaints.ts';
import type { YamlDocument } from './yaml-document.ts';
import type { Path } from './yaml-nodes.ts';

/** What collects while the sections of one document are read. */
export interface SectionReader {
  readonly document: YamlDocument;
  readonly complaints: Complaint[];
  readonly references: Reference[];
}

/**
 * Checks one mapping against its schema. Faults become complaints; the keys without fault are returned all the same, so that
 * what refers to them is checked in the same go.
 */
export function readSection<S extends z.ZodObject>(
  schema: S,
  { value, ...section }: Section & { readonly value: unknown },
  { document, complaints }: SectionReader,
): Partial<z.infer<S>> {
  const whole = schema.safeParse(value);
  if (whole.success) return whole.data;
  const { issues } = whole.error;
  complaints.push(...schemaComplaints(issues, { section, document, value, keys: Object.keys(schema.shape) }));
  if (typeof value !== 'object' || value === null) return {};
  const faulty = new Set(issues.map(issue => issue.path[0]));
  const sound = Object.entries(value).filter(([key]) => key in schema.shape && !faulty.has(key));
  const rest = schema.partial().safeParse(Object.fromEntries(sound));
  return rest.success ? (rest.data as Partial<z.infer<S>>) : {};
}

/** Settings as a layer: each with the place of its key. Notes the names they refer to, for the check across all files. */
export function layerAt(settings: HostSettings, path: Path, { document, references }: SectionReader): Layer {
  settings.clients?.forEach((name, i) => {
    references.push({ to: 'nat', name, location: document.locate([...path, 'clients', i]) });
  });
  settings.hops?.forEach((name, i) => {
    references.push({ to: 'hop', name, location: document.locate([...path, 'hops', i]) });
  });
  const origins = Object.keys(settings).map(key => [key, document.locateKey([...path, key])] as const);
  return { settings, origins: new Map(origins) };
}
