import type { Once } from '../collect/frames.ts';
import { whyMissing } from '../model/reading.ts';
import type { LaterWrite } from '../model/snapshot.ts';
import { editedPath, type SysctlFile } from './boot-files.ts';
import { assignments, type Dialect, dottedKey } from './boot-lines.ts';
import type { EngineSettings } from './boot-settings.ts';

/** What a host said, as far as it tells who writes keys beside the sysctl files. */
export interface WriterInput {
  readonly once: Pick<Once, 'files' | 'has' | 'lines'>;
  /** Text of a file by its path without the leading slash. */
  readonly text: (path: string) => SysctlFile['text'];
  /** All sysctl files of the host. */
  readonly files: readonly SysctlFile[];
  readonly engines: EngineSettings;
}

/** A line with its dotted key. */
export interface KeyedWrite extends LaterWrite {
  readonly key: string;
}

/** Lines of one writer in the order in which it writes them, and what could not be read of them. */
export interface Writes {
  readonly lines: readonly KeyedWrite[];
  /** Files that may say more, with the reason. */
  readonly unread: Readonly<Record<string, string>>;
}

/** A writer that is not there. */
export const nothing: Writes = { lines: [], unread: {} };

/** Several writers one after the other. */
export const inTurn = (writes: readonly Writes[]): Writes => ({
  lines: writes.flatMap(({ lines }) => lines),
  unread: Object.assign({}, ...writes.map(({ unread }) => unread)),
});

/** Who applies a file, and when: what its lines have in common. */
export type How = Pick<LaterWrite, 'by' | 'condition'>;

/** The assignments of a sysctl file as writes of somebody else; exclusions and globs write nothing here. */
export function linesOf(file: SysctlFile, dialect: Dialect, how: How): readonly KeyedWrite[] {
  if (typeof file.text !== 'string') return [];
  return assignments(file.text, dialect).flatMap(({ path, glob, value, line }) =>
    glob || value === null ? [] : [{ key: dottedKey(path), value, file: editedPath(file), line, ...how }],
  );
}

/** As `sysctl -p FILE` of a current procps reads. */
const loadDialect: Dialect = { lineEnds: 'newline', blanks: ' \t\n\v\f\r', dashes: 2, blanksBehindDash: false };

/** `sysctl -p FILE` in a script or by ufw; a file that is not among those read is said to be unread. */
export function loadWrites(path: string, files: readonly SysctlFile[], how: How): Writes {
  const file = files.find(candidate => candidate.path === path);
  if (file === undefined) return { lines: [], unread: { [path.slice(0, 256)]: `not read, applied ${how.by ?? ''}` } };
  const { text } = file;
  if (typeof text === 'string') return { lines: linesOf(file, loadDialect, how), unread: {} };
  const isMissing = text.state === 'absent' && text.why === 'no-such-file';
  return isMissing ? nothing : { lines: [], unread: { [path]: whyMissing(text) } };
}
