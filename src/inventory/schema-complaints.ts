import type * as z from 'zod';
import type { Complaint } from '../model/input-error.ts';
import { didYouMean } from '../text/nearest.ts';
import { listed, quoted } from './names.ts';
import { serviceSchema } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';
import type { Path } from './yaml-nodes.ts';

type Issue = z.core.$ZodIssue;

/** A mapping of an inventory file that is checked by itself. */
export interface Section {
  readonly path: Path;
  /** For people: `host "edge7"`; empty for the file as a whole. */
  readonly what: string;
}

/** What a schema may have against a section. */
interface Inspection {
  readonly section: Section;
  readonly document: YamlDocument;
  /** Keys that the section may have. */
  readonly keys: readonly string[];
  /** What stands there. */
  readonly value: unknown;
}

/** One complaint for each fault of a section, at its place, with what was expected instead. */
export function schemaComplaints(issues: readonly Issue[], inspection: Inspection): Complaint[] {
  return issues.flatMap(issue => complaintsOf(issue, inspection));
}

function complaintsOf(issue: Issue, { section, document, keys, value }: Inspection): Complaint[] {
  const path = [...section.path, ...issue.path];
  const isService = issue.path[0] === 'services' && issue.path.length > 1;
  const where = isService ? `a service of ${section.what}` : section.what;
  if (issue.code === 'unrecognized_keys') {
    const known = isService ? Object.keys(serviceSchema.shape) : keys;
    return issue.keys.map(key => {
      const hint = didYouMean(key, known) || `; expected ${listed(known)}`;
      const message = `unknown key ${quoted(key)} in ${where || 'the inventory'}${hint}`;
      return { message, location: document.locateKey([...path, key]) };
    });
  }
  const message = `${subject(issue.path, where)}${explain(issue, valueAt(value, issue.path))}`;
  return [{ message, location: document.locate(path) }];
}

/** `"port" of host "edge7": `, or as much of it as there is. */
function subject(path: Path, what: string): string {
  const key = path[0] === 'rules' ? path.join('.') : path.findLast(step => typeof step === 'string');
  if (key === undefined) return what === '' ? '' : `${what}: `;
  return what === '' ? `"${key}": ` : `"${key}" of ${what}: `;
}

function explain(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${expectedWords[issue.expected] ?? issue.expected}, found ${found(value)}${quotes(issue, value)}`;
    case 'invalid_value': {
      const words = issue.values.map(String);
      if (words.length === 1) return `${issue.message}, found ${found(value)}`;
      return `expected ${listed(words)}, found ${found(value)}${didYouMean(String(value), words)}`;
    }
    case 'too_small':
      return issue.origin === 'array' ? 'expected at least one element' : `${found(value)} is below ${issue.minimum}`;
    case 'too_big':
      return `${found(value)} is above ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const expectedWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys and values',
  record: 'a mapping of names and values',
};

/** YAML reads `22` as a number and `"22"` as text; people quote the wrong one. */
function quotes(issue: Issue, value: unknown): string {
  const expected = issue.code === 'invalid_type' ? issue.expected : '';
  if (/^(number|int)$/.test(expected) && typeof value === 'string' && /^\d+$/.test(value)) return '; remove the quotes';
  return expected === 'string' && /^(number|boolean)$/.test(typeof value) ? '; put it in quotes' : '';
}

/** A value in a few words: `"22"`, `3.5`, `a list`, `nothing`. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing: the key is missing';
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? quoted(value) : String(value);
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
  return at;
}
