import type { Inventory } from '../model/host.ts';
import { type Complaint, complaintLine, InputError } from '../model/input-error.ts';
import type { SourceText } from './contents.ts';
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
  const files = texts.map(readInventoryFile);
  const { hosts, groups, complaints } = mergeEntries(files);
  const all = [
    ...files.flatMap(file => file.complaints),
    ...complaints,
    ...referenceComplaints(files, { hosts, isSshAlias }),
  ];
  const names = texts.map(({ file }) => file);
  if (all.length > 0) throw new InputError(inFileOrder(all, names));
  const nat = files.flatMap(file => file.nat.map(({ location: _, ...range }) => range));
  return { files: names, hosts, groups, nat, waivers: files.flatMap(file => file.waivers) };
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
