import { isNamespaceFile, maxNamespaces } from '../sources/namespaces.ts';
import type { FileFrames, Frame } from './frames.ts';
import { cutFiles, isSampled } from './marks.ts';

/** What was read of one further network namespace, beside the files of its process, which stand in the samples. */
export interface NamespaceFrames {
  /** Inode of the namespace, or of its /proc/PID/net/netstat. */
  readonly id: string;
  /** `proc/4711`: the process that it is read through. `run/netns/blue`: a mount holds it. */
  readonly place: string;
  /** Number of the process that has lived in it for longest; null where a mount holds it. */
  readonly oldest: string | null;
  /** Files that were read inside: settings, and in the first sample counters where a mount holds it. Empty: not entered. */
  readonly inside: FileFrames;
  /** Counters of the second sample, where a mount holds it. */
  readonly again: FileFrames;
  /** Records of the awk program (sources/sockets-awk.ts); null where it did not run. */
  readonly sockets: readonly string[] | null;
  /** Number of sockets, where it was above the bound and they were not read. */
  readonly bounded: number | null;
}

/** Network namespaces beside the one of the login. */
export interface NamespacesFrames {
  readonly found: readonly NamespaceFrames[];
  /** Number of further ones that were not read. */
  readonly beyond: number;
  /** Number of names in /run/netns where it is not known which namespaces they are. */
  readonly named: number;
  /** Processes of other users are not visible (hidepid). */
  readonly isHidden: boolean;
  /** There are more processes than were looked at. */
  readonly isCut: boolean;
}

/** Growing frames of one namespace. */
type Growing = { -readonly [K in keyof NamespaceFrames]: NamespaceFrames[K] };

/** Growing frames of all. */
export interface CuttingNamespaces {
  readonly found: Map<string, Growing>;
  beyond: number;
  named: number;
  isHidden: boolean;
  isCut: boolean;
}

export const noNamespaces = (): CuttingNamespaces => ({
  found: new Map(),
  beyond: 0,
  named: 0,
  isHidden: false,
  isCut: false,
});

/** One mark about namespaces, with what follows it up to the next mark. Marks that make no sense are passed over. */
export function addNamespaceMark(
  namespaces: CuttingNamespaces,
  { word, words, content }: { readonly word: string; readonly words: readonly string[]; readonly content: string },
): void {
  const [id = '', second = '', third] = words;
  const known = namespaces.found.get(id);
  if (word === 'namespace') addNamespace(namespaces, { id, place: second, oldest: third ?? null });
  else if (word === 'beyond') namespaces.beyond = count(id);
  else if (word === 'named') namespaces.named = count(id);
  else if (word === 'hidden') namespaces.isHidden = true;
  else if (word === 'unlooked') namespaces.isCut = true;
  else if (known === undefined) return;
  else if (word === 'crowded') known.bounded = count(second);
  else if (word === 'again') known.again = filesIn(content);
  else if (word === 'within') {
    const { files, records } = partsOf(content);
    if (known.inside.size === 0) known.inside = filesIn(files);
    known.sockets = records;
  }
}

/** Words of marks that `addNamespaceMark` understands, beside `namespaces`: they were looked for. */
export const namespaceWords: ReadonlySet<string> = new Set([
  'namespace',
  'beyond',
  'named',
  'hidden',
  'unlooked',
  'crowded',
  'again',
  'within',
]);

const noFiles: FileFrames = new Map();

function addNamespace(
  { found }: CuttingNamespaces,
  { id, place, oldest }: Pick<NamespaceFrames, 'id' | 'place' | 'oldest'>,
): void {
  const isPlace =
    oldest === null ? /^(?:var\/)?run\/[\x21-\x7e]{1,255}$/.test(place) : /^proc\/[1-9]\d{0,9}$/.test(place);
  if (!isPlace || !/^\d{1,20}$/.test(id) || (oldest !== null && !/^\d{1,10}$/.test(oldest))) return;
  if (found.has(id) || found.size >= maxNamespaces) return;
  found.set(id, { id, place, oldest, inside: noFiles, again: noFiles, sockets: null, bounded: null });
}

/** `F path:line` first, then records of sockets. */
function partsOf(content: string): { readonly files: string; readonly records: readonly string[] } {
  const lines = content === '' ? [] : content.split('\n');
  const records = lines.findIndex(line => !line.startsWith('F '));
  const end = records < 0 ? lines.length : records;
  const files = lines.slice(0, end).map(line => line.slice(2));
  return { files: files.join('\n'), records: lines.slice(end) };
}

const noNames = new Map<string, readonly string[]>();

function filesIn(text: string): FileFrames {
  const into = new Map<string, Frame>();
  cutFiles(text, { from: 0, to: text.length, names: noNames, into });
  return into;
}

const count = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0);

/** Whether a file stands in a sample: one of the host itself, or of a process in another network namespace. */
export const isInSample = (path: string): boolean => isSampled(path) || isNamespaceFile(path);
