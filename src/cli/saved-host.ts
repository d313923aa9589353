import { readFrames } from '../collect/frames.ts';
import { type Complaint, InputError, inputError } from '../model/input-error.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Visit, VisitError } from '../model/visit.ts';
import { buildSnapshot } from '../snapshot/build.ts';
import { snapshotOfPasted } from '../snapshot/pasted.ts';
import { writtenOnly } from '../snapshot/pasted-settings.ts';
import { type Gleaned, glean, isJudgeable, pastedKinds } from '../sources/pasted.ts';
import { holdsSources, readSaved, type Saved, sought } from './saved-files.ts';

/** Runs the collector over a tree. */
export type ReadTree = (root: string) => Promise<Visit>;

/** How the parts of saved hosts are read. */
export interface SavedTools {
  readonly readTree: ReadTree;
  readonly readStdin: () => Promise<string>;
}

/** What was saved of one host. */
interface Parts {
  /** At most one: it is the whole host. */
  readonly base: Exclude<Saved, { kind: 'text' }> | null;
  readonly gleaned: readonly Gleaned[];
}

/** Says of every PATH why it cannot be judged. Throws InputError with all of it. */
export async function checkSaved(hosts: readonly (readonly string[])[], { readStdin }: SavedTools): Promise<void> {
  const complaints: Complaint[] = [];
  for (const paths of hosts) {
    try {
      complaints.push(...(await complaintsOf(paths, readStdin)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
    }
  }
  if (complaints.length > 0) throw new InputError(complaints);
}

async function complaintsOf(
  paths: readonly string[],
  readStdin: SavedTools['readStdin'],
): Promise<readonly Complaint[]> {
  const saved = await Promise.all(paths.map(async path => ({ path, content: await readSaved(path, readStdin) })));
  const complaints = await Promise.all(
    saved.map(async ({ path, content }) => {
      const why = await whyUnusable(content, { isAlone: paths.length === 1 });
      return why === null ? [] : [{ message: `${path}: ${why}` }];
    }),
  );
  const whole = saved.filter(({ content }) => isWholeHost(content));
  const [first, second] = whole.map(({ path }) => path);
  if (second !== undefined)
    complaints.push([
      { message: `${first} and ${second} are two whole hosts: --as-host joins texts, and one tree at most` },
    ]);
  const all = complaints.flat();
  return all.length > 0 ? all : contradictions(saved.flatMap(({ content }) => gleanedOf(content)));
}

const isWholeHost = (content: Saved): content is Exclude<Saved, { kind: 'text' }> =>
  content.kind === 'output' || (content.kind === 'tree' && content.isHost);

const gleanedOf = (content: Saved): readonly Gleaned[] =>
  content.kind === 'output' ? [] : (content.kind === 'text' ? [content.text] : content.texts).map(glean);

async function whyUnusable(content: Saved, { isAlone }: { isAlone: boolean }): Promise<string | null> {
  if (content.kind === 'output') return null;
  const gleaned = gleanedOf(content);
  if (gleaned.some(({ system }) => system.foreign !== undefined)) return null;
  if (content.kind === 'tree') {
    return gleaned.some(isJudgeable) || (await holdsSources(content.root))
      ? null
      : `nothing to judge is in this directory; looked for ${sought.join(', ')}, and for texts of ${pastedKinds}`;
  }
  if (gleaned.some(text => isJudgeable(text) || (!isAlone && text.kinds.length > 0))) return null;
  return gleaned.some(({ kinds }) => kinds.length > 0)
    ? 'this names the host, and holds nothing to judge; --as-host joins it with other texts'
    : `nothing to judge is in this text; looked for output of the collector (synaudit collector), and of ${pastedKinds}`;
}

/** Texts of two hosts, joined into one, would give a verdict on neither. */
function contradictions(gleaned: readonly Gleaned[]): readonly Complaint[] {
  const kernels = new Map<string, string>();
  for (const { text, system, sysctl } of gleaned) {
    const kernel = system.kernel ?? sysctl?.told.get('kernel.osrelease');
    if (kernel !== undefined && !kernels.has(kernel)) kernels.set(kernel, text.name);
  }
  const [a, b] = [...kernels];
  if (a === undefined || b === undefined) return [];
  return [{ message: `${a[1]} is of kernel ${a[0]}, ${b[1]} of kernel ${b[0]}: these are not texts of one host` }];
}

/** Reads a saved host as if it were visited. Where texts are among its parts, the visit brings a snapshot. */
export async function visitSaved(paths: readonly string[], tools: SavedTools): Promise<Visit> {
  const { base, gleaned } = await partsOf(paths, tools);
  const other = otherSystem(base, gleaned);
  if (other !== null) return { ok: false, error: notLinux(other), timing: { totalMs: 0 }, notes: [] };
  const visit = await baseVisit(base, tools);
  if (!visit.ok || gleaned.length === 0) return visit;
  const tree = base === null ? undefined : snapshotOfTree(visit.output, base);
  if (tree === null) return visit;
  return { ...visit, snapshot: snapshotOfPasted(gleaned, tree), notes: [...visit.notes, ...notesOf(gleaned, tree)] };
}

async function partsOf(paths: readonly string[], { readStdin }: SavedTools): Promise<Parts> {
  const saved = await Promise.all(paths.map(path => readSaved(path, readStdin)));
  const base = saved.find(isWholeHost) ?? null;
  return {
    base,
    gleaned: saved.flatMap(gleanedOf).filter(({ kinds, system }) => kinds.length > 0 || system.foreign !== undefined),
  };
}

/** What the texts are of, if it is not Linux. A text of Linux beside them proves that another one was only quoted. */
function otherSystem(base: Parts['base'], gleaned: readonly Gleaned[]): string | null {
  if (base !== null || gleaned.some(text => text.system.foreign === undefined && isJudgeable(text))) return null;
  return gleaned.find(({ system }) => system.foreign !== undefined)?.system.foreign ?? null;
}

const notLinux = (system: string): VisitError => ({
  outcome: 'unsupported',
  phase: 'collect',
  code: 'not-linux',
  message: `this is ${system}, not Linux`,
  hint: 'what is judged here are settings and counters of the Linux kernel',
  retryable: false,
});

function baseVisit(base: Parts['base'], { readTree }: SavedTools): Promise<Visit> {
  if (base?.kind === 'tree') return readTree(base.root);
  const output = base?.output ?? Buffer.alloc(0);
  return Promise.resolve({ ok: true, output, stderr: '', exitCode: 0, timing: { totalMs: 0 }, notes: [] });
}

/** Null: the output is not complete, which is a result of its own. */
function snapshotOfTree(output: Buffer, base: Exclude<Parts['base'], null>): Snapshot | null {
  const read = readFrames(output);
  if (!read.ok) return null;
  const snapshot = buildSnapshot(read.frames);
  // sos saves a few files of proc/sys, chosen by its plugins: what is missing there was not left out by the kernel
  const isPart = base.kind === 'tree' && base.isSosreport && !snapshot.settings.has('net.ipv4.tcp_timestamps');
  return isPart ? { ...snapshot, ipv4Readable: false } : snapshot;
}

/** `netstat -s, uptime (paste.txt)`; the files of one process are one. */
const sourceInWords = ({ text, kinds }: Gleaned): string =>
  text.path === undefined
    ? `${kinds.join(', ')} (${text.name})`
    : `files of ${text.name.slice(0, text.name.indexOf('/net/'))}/net`;

/** Keys named in a remark. */
const namedKeys = 3;

function notesOf(gleaned: readonly Gleaned[], tree: Snapshot | undefined): readonly string[] {
  const read = new Set(gleaned.map(sourceInWords));
  const written = writtenOnly(gleaned, tree?.ipv4Readable === true);
  const keys = written.slice(0, namedKeys).join(', ');
  const more = written.length > namedKeys ? ` and ${written.length - namedKeys} more` : '';
  return [
    `${tree === undefined ? 'Judged by texts' : 'Read beside the files of the tree'}: ${[...read].join('; ')}.`,
    ...(written.length === 0
      ? []
      : [`Taken from a sysctl file, not from a running kernel, which may hold another value: ${keys}${more}.`]),
    ...gleaned.flatMap(({ text, remarks }) => remarks.map(remark => `${text.name}: ${remark}`)),
  ];
}

/** The snapshot of a visit, or undefined where its output is not complete. */
export function snapshotOfVisit(visit: Visit & { readonly ok: true }): Snapshot | undefined {
  if (visit.snapshot !== undefined) return visit.snapshot;
  const read = readFrames(visit.output);
  return read.ok ? buildSnapshot(read.frames) : undefined;
}

/** The snapshot of an older reading (`--earlier`). Throws InputError where there is none. */
export async function earlierSnapshot(path: string, tools: SavedTools): Promise<Snapshot> {
  const visit = await visitSaved([path], tools);
  if (!visit.ok) throw inputError(`--earlier ${path}: ${visit.error.message}; ${visit.error.hint}`);
  const snapshot = snapshotOfVisit(visit);
  if (snapshot === undefined) throw inputError(`--earlier ${path}: the output is not complete`);
  return snapshot;
}
