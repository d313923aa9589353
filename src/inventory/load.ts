import type { Inventory } from '../model/host.ts';
import { type Complaint, complaintLine, InputError } from '../model/input-error.ts';
import { resolveAnsible } from './ansible/resolve.ts';
import type { AnsibleSource } from './ansible/statement.ts';
import { readFileVariables } from './ansible/vars-file.ts';
import type { FileContents, SourceText } from './contents.ts';
import { readInventoryFile } from './format.ts';
import { mergeEntries } from './merge.ts';
import { referenceComplaints } from './references.ts';

/** What the files of an inventory may refer to outside of them. */
export interface InventoryContext {
  /** Whether ssh_config has a `Host` of that name, without wildcards: it may be a hop. */
  readonly isSshAlias: (name: string) => boolean;
}

/**
 * Reads the files of an inventory, checks them and joins them to hosts. Hosts keep the order of the files.
 * Throws: InputError with every complaint about every file, in the order of the files.
 */
export function loadInventory(texts: readonly SourceText[], { isSshAlias }: InventoryContext): Inventory {
  const files = withAnsible(
    texts.filter(text => text.variablesOf === undefined).map(readInventoryFile),
    texts.filter(text => text.variablesOf !== undefined),
  );
  const { hosts, groups, complaints } = mergeEntries(files);
  const all = [
    ...files.flatMap(file => file.complaints),
    ...complaints,
    ...referenceComplaints(files, { hosts, isSshAlias }),
  ];
  const order = texts.map(({ file }) => file);
  if (all.length > 0) throw new InputError(inFileOrder(all, order));
  const names = texts.flatMap(({ file, variablesOf }) => (variablesOf === undefined ? file : []));
  const notes = inFileOrder(
    files.flatMap(file => file.notes ?? []),
    order,
  );
  const countingOrder = files.find(file => file.members?.has('all'))?.members?.get('all');
  const nat = files.flatMap(file => file.nat.map(({ location: _, ...range }) => range));
  const inventory = { files: names, hosts, groups, nat, waivers: files.flatMap(file => file.waivers), notes };
  return countingOrder === undefined ? inventory : { ...inventory, countingOrder };
}

/** Files of Ansible share groups and hosts, so all of them become the contents of one, in the place of the first. */
function withAnsible(files: readonly FileContents[], variableTexts: readonly SourceText[]): FileContents[] {
  const sources = files.flatMap(file => file.ansible ?? []);
  if (sources.length === 0) return [...files];
  const { complaints, notes, ...variables } = readFileVariables(ofKnownNames(variableTexts, sources));
  const joined = resolveAnsible(sources, variables);
  const first = files.findIndex(file => file.ansible !== undefined);
  const whole = {
    ...joined,
    complaints: [...complaints, ...joined.complaints],
    notes: [...notes, ...(joined.notes ?? [])],
  };
  // What stood in a file that could not be read is missing elsewhere, too: one fault, and not one for each use of it.
  const broken = files.some(file => file.ansible !== undefined && file.complaints.length > 0);
  return files.toSpliced(first, 0, broken ? { ...whole, complaints } : whole);
}

/** Aliases repeat a fault at each place where they are used; it is said once, where it is written. */
function inFileOrder(complaints: readonly Complaint[], files: readonly string[]): Complaint[] {
  const place = ({ location }: Complaint): readonly [number, number, number] =>
    location === undefined ? [-1, 0, 0] : [files.indexOf(location.file), location.line, location.column];
  const distinct = new Map(complaints.map(complaint => [complaintLine(complaint), complaint]));
  return [...distinct.values()]
    .map(complaint => ({ complaint, at: place(complaint) }))
    .sort(({ at: a }, { at: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
    .map(({ complaint }) => complaint);
}

/** Other files that stand beside them, for groups and hosts of other inventories or for people, are not looked into. */
function ofKnownNames(texts: readonly SourceText[], sources: readonly AnsibleSource[]): readonly SourceText[] {
  if (texts.length === 0) return texts;
  const names = { group: new Set(['all', 'ungrouped']), host: new Set<string>() };
  for (const statement of sources.flatMap(source => source.statements)) {
    if (statement.kind === 'group') names.group.add(statement.name);
    if (statement.kind === 'group-variables') names.group.add(statement.group);
    if (statement.kind === 'hosts') for (const name of statement.names) names.host.add(name);
  }
  return texts.filter(({ variablesOf }) => variablesOf !== undefined && names[variablesOf.kind].has(variablesOf.name));
}
