import type { Complaint } from '../../model/input-error.ts';
import type { SourceText } from '../contents.ts';
import { readYaml } from '../yaml-document.ts';
import type { FileVariables } from './precedence.ts';
import type { Variable, Variables } from './statement.ts';

/** What the files in group_vars and host_vars hold. */
export interface FileVariablesReading extends FileVariables {
  readonly complaints: readonly Complaint[];
  readonly notes: readonly Complaint[];
}

/** The head of a file that ansible-vault has encrypted as a whole. */
const vaultHead = /^\s*\$ANSIBLE_VAULT;/;

/** Reads the files beside the inventory, in the order in which the later one wins. */
export function readFileVariables(texts: readonly SourceText[]): FileVariablesReading {
  const layers = { group: new Map<string, Map<string, Variable>>(), host: new Map<string, Map<string, Variable>>() };
  const complaints: Complaint[] = [];
  const notes: Complaint[] = [];
  for (const source of texts) {
    if (source.variablesOf === undefined) continue;
    const { kind, name } = source.variablesOf;
    const known = layers[kind].get(name) ?? new Map<string, Variable>();
    layers[kind].set(name, known);
    if (vaultHead.test(source.text)) {
      const location = { file: source.file, line: 1, column: 1 };
      notes.push({ message: 'the whole file is vaulted: not read', location });
    } else {
      const read = readVariablesFile(source);
      complaints.push(...read.complaints);
      for (const [key, variable] of read.variables) known.set(key, variable);
    }
  }
  return { ...layers, complaints, notes };
}

function readVariablesFile(source: SourceText): {
  readonly variables: Variables;
  readonly complaints: readonly Complaint[];
} {
  const { document, complaints } = readYaml(source, { dialect: 'ansible' });
  if (document === undefined) return { variables: new Map(), complaints };
  const { value } = document;
  if (value === null || value === undefined) return { variables: new Map(), complaints };
  if (typeof value !== 'object' || Array.isArray(value)) {
    const message = 'expected a mapping of variables, as in "ansible_port: 2222"';
    return { variables: new Map(), complaints: [...complaints, { message, location: document.locate([]) }] };
  }
  const rows = Object.entries(value).map(
    ([key, each]) => [key, { value: each, location: document.locateKey([key]) }] as const,
  );
  return { variables: new Map(rows), complaints };
}
