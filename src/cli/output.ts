import type { RunEvent } from '../model/run.ts';
import { type FormatName, isFormatName, sinks } from '../report/index.ts';
import type { GlossaryEntry, NextSteps, Sink, SinkContext } from '../report/sink.ts';
import { explainedRules, sectionsOf } from '../rules/explain.ts';
import type { OptionReader } from './settings.ts';
import { chunkLength, openWholeFile, type Target } from './whole-file.ts';
import { expandHome, type World } from './world.ts';

/*
 * Output policy. Data goes to stdout and to the files of -o; everything else goes to stderr. Colour on a terminal only, and
 * not with NO_COLOR or --no-color; never in a file. Messages begin lower case and have no full stop; a hint has its own line.
 */

/** One place that results go to. */
export interface Destination<Format extends string = FormatName> {
  readonly format: Format;
  /** Undefined: stdout. */
  readonly file: string | undefined;
}

export interface OutputSettings {
  readonly destinations: readonly Destination[];
  readonly color: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly next: NextSteps;
}

const inJson = 'synaudit report -f json (every host with its evidence)';

const fixed = 'synaudit fix --out fix';

/** What a command suggests when it is done. */
const nextSteps = {
  audit: {
    always: [inJson],
    ifFixable: fixed,
    ifIncomplete: 'the same command with --retry latest',
    ifInterrupted: 'the same command with --resume latest',
  },
  demo: { always: ['synaudit audit [user@]host', 'synaudit init', inJson] },
  ingest: { always: [inJson], ifFixable: fixed },
  report: { always: [inJson], ifFixable: fixed },
} as const satisfies Record<string, NextSteps>;

const formatNames = Object.keys(sinks).filter(isFormatName);
const formatOfEnding: Readonly<Record<string, FormatName>> = {
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  txt: 'table',
  html: 'html',
};

export function outputSettings(read: OptionReader, command: keyof typeof nextSteps, world: World): OutputSettings {
  return {
    destinations: destinationsOf(formatNames, read, world),
    color: hasColor(read, world),
    verbose: read.isOn('verbose'),
    quiet: read.isOn('quiet'),
    next: nextSteps[command],
  };
}

/** What `--format` and `--output` name: stdout first. `table` and `json` are among the formats of every command. */
export function destinationsOf<Format extends string>(
  formats: readonly (Format | 'table' | 'json')[],
  read: OptionReader,
  world: World,
): readonly Destination<Format | 'table' | 'json'>[] {
  const format = read.choice('format', formats) ?? 'table';
  const files = read.list('output').map(text => fileDestination(text, { formats, read, world }));
  const twice = files.find(({ file }, at) => files.findIndex(other => other.file === file) < at);
  if (twice !== undefined) read.complain(`--output ${twice.file}: is given twice`);
  return [{ format, file: undefined }, ...files];
}

/** On a terminal that shows it, unless somebody does not want it. */
export const hasColor = (read: OptionReader, { env, stdout }: World): boolean =>
  stdout.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && !isColorOff(read);

/** `--no-color` is stored as `color: false`; without it the parser stores true. */
const isColorOff = (read: OptionReader): boolean => !read.isOn('color');

interface Choice<Format extends string> {
  readonly formats: readonly Format[];
  readonly read: OptionReader;
  readonly world: World;
}

function fileDestination<Format extends string>(
  text: string,
  { formats, read, world }: Choice<Format | 'json'>,
): Destination<Format | 'json'> {
  const [, named, path] = /^([a-z]+)=(.*)$/.exec(text) ?? [undefined, undefined, text];
  const file = expandHome(path ?? text, world);
  const byName = formats.find(format => format === named);
  if (byName !== undefined) return { format: byName, file };
  if (named !== undefined)
    read.complain(`--output ${text}: unknown format "${named}", expected one of ${formats.join(', ')}`);
  const ending = formatOfEnding[/\.([a-z]+)$/.exec(file)?.[1] ?? ''];
  const format = formats.find(format => format === ending);
  if (format === undefined && named === undefined) {
    read.complain(`--output ${text}: no format and no known ending; write for instance json=${text}`);
  }
  return { format: format ?? 'json', file };
}

/** Explains a rule to the sink that prints a glossary. */
function glossary(id: string): GlossaryEntry | undefined {
  const rule = explainedRules.find(rule => rule.id === id);
  return rule === undefined ? undefined : { id, title: rule.title, sections: sectionsOf(rule) };
}

/** All sinks of a run as one. */
export interface Outputs {
  readonly accept: Sink;
  /** Completes the files; until then they are not there under their names. */
  close(): void;
}

/** Opens files first, so that a path that cannot be written is told before the first host is visited. Throws InputError. */
export function openOutputs({ destinations, color, verbose, next }: OutputSettings, world: World): Outputs {
  const opened = destinations.map(destination => {
    const target = openTarget(destination, world);
    const isStdout = destination.file === undefined;
    const { write, width } = target;
    const sink = sinks[destination.format]({ write, width, color: color && isStdout, verbose, next, glossary });
    return { sink, target };
  });
  return {
    accept(event: RunEvent) {
      for (const { sink } of opened) sink(event);
    },
    close() {
      for (const { target } of opened) target.close();
    },
  };
}

/** Opens stdout or a file, and says how wide its lines may be. Throws InputError. */
export function openTarget({ file }: Pick<Destination, 'file'>, world: World): Target & Pick<SinkContext, 'width'> {
  const isScreen = file === undefined && world.stdout.isTerminal;
  const width = isScreen ? Math.max(80, world.stdout.columns ?? 80) : 100;
  return { ...(file === undefined ? terminalTarget(world) : openWholeFile(file)), width };
}

/** One write per chunk, and one per turn of the event loop: not one per host. */
function terminalTarget({ stdout }: World): Target {
  let buffered = '';
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    if (buffered !== '') stdout.write(buffered);
    buffered = '';
  };
  return {
    write(text) {
      buffered += text;
      if (buffered.length >= chunkLength) flush();
      else if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
    },
    close: flush,
  };
}
