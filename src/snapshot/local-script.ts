import type { FileLine } from '../collect/frames.ts';
import { localScripts, maxScriptLines } from '../sources/boot-writers.ts';
import { dottedKey, sysctlPath } from './boot-lines.ts';
import { inTurn, loadWrites, nothing, type WriterInput, type Writes } from './boot-write.ts';
import { type ScriptAction, scriptActions } from './script-line.ts';

/** Lines that the collector sends are not longer. Unit: characters. */
const longestLine = 500;

/**
 * What rc.local writes, after everything else: simple lines only, the script is not run here. Red Hat's systemd runs
 * /etc/rc.d/rc.local, to which /etc/rc.local is a link there; others know /etc/rc.local only. Source: rc-local.service(8).
 */
export function localScriptWrites(input: WriterInput): Writes {
  const { files, has, lines } = input.once;
  const [ofRedHat, ofAll] = localScripts.map(path => lines.filter(line => line.path === path));
  const own = ofAll?.filter(({ line, text }) => !ofRedHat?.some(same => same.line === line && same.text === text));
  const denied = localScripts.filter(path => files.get(path)?.status === 'denied');
  return inTurn([
    { lines: [], unread: Object.fromEntries(denied.map(path => [`/${path}`, 'not permitted'])) },
    ...(ofRedHat ?? []).map(line => lineWrites(line, has.has(line.path), input)),
    ...(own ?? []).map(line => lineWrites(line, has.has(line.path) && !has.has(localScripts[0]), input)),
  ]);
}

function lineWrites({ path, line, text }: FileLine, isRun: boolean, input: WriterInput): Writes {
  const file = `/${path}`;
  if (line > maxScriptLines) return { lines: [], unread: { [file]: `read up to line ${maxScriptLines}` } };
  if (text.length > longestLine) return nothing;
  // what is indented may stand behind an `if`
  const condition = isRun && /^\S/.test(text) ? {} : { condition: 'if it is run' };
  return inTurn(scriptActions(text).map(action => actionWrites(action, { file, line, ...condition }, input)));
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly condition?: string;
}

function actionWrites(action: ScriptAction, place: Place, { files, engines }: WriterInput): Writes {
  if (action.kind === 'write') {
    const key = dottedKey(sysctlPath(action.key));
    return { lines: [{ key, value: action.value, ...place }], unread: {} };
  }
  const { file, line, ...condition } = place;
  const how = { by: `by ${file}:${line}`, ...condition };
  if (action.kind === 'load') return loadWrites(action.file, files, how);
  const lines = [...engines.procps].flatMap(([key, { losers = [], ...winner }]) =>
    [...losers.toReversed(), winner].map(written => ({ key, ...written, ...how })),
  );
  return { lines, unread: {} };
}
