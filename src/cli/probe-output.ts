/** Where a probe goes: stdout, files of `-o`, stderr while it is made. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { inputError } from '../model/input-error.ts';
import type { Attempt, ProbeDocument } from '../model/probe.ts';
import { probeTable } from '../report/probe-table.ts';
import { painter } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { grouped } from '../text/share.ts';
import { SurroundingsError } from './exit.ts';
import { hasColor } from './output.ts';
import type { OptionReader } from './settings.ts';
import { expandHome, type World } from './world.ts';

const formats = ['table', 'json'] as const;
type ProbeFormat = (typeof formats)[number];

export interface ProbeOutput {
  readonly format: ProbeFormat;
  readonly files: readonly { readonly format: ProbeFormat; readonly path: string }[];
  readonly color: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

export function probeOutput(read: OptionReader, world: World): ProbeOutput {
  return {
    format: read.choice('format', formats) ?? 'table',
    files: read.list('output').flatMap(text => fileOf(text, { read, world })),
    color: hasColor(read, world),
    verbose: read.isOn('verbose'),
    quiet: read.isOn('quiet'),
  };
}

const ofEnding: Readonly<Record<string, ProbeFormat>> = { json: 'json', txt: 'table' };

function fileOf(text: string, { read, world }: { readonly read: OptionReader; readonly world: World }) {
  const [, named, path = text] = /^([a-z]+)=(.*)$/.exec(text) ?? [];
  const format = named === undefined ? ofEnding[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] : formats.find(f => f === named);
  if (format !== undefined) return [{ format, path: expandHome(path, world) }];
  read.complain(`--output ${text}: expected json=FILE, table=FILE, or an ending .json or .txt`);
  return [];
}

/** `-f json`, and what the store keeps. */
export const probeJson = (probe: ProbeDocument): string => `${JSON.stringify(probe, null, 2)}\n`;

/** Prints, and writes the files; each is there as a whole or not at all, mode 0600. */
export function showProbe(probe: ProbeDocument, output: ProbeOutput, world: World): void {
  const textOf = (format: ProbeFormat, isScreen: boolean): string =>
    format === 'json'
      ? probeJson(probe)
      : probeTable(probe, {
          width: isScreen && world.stdout.isTerminal ? Math.max(80, world.stdout.columns ?? 80) : 110,
          paint: painter(output.color && isScreen),
          verbose: output.verbose,
          quiet: output.quiet,
        });
  world.stdout.write(textOf(output.format, true));
  for (const { format, path } of output.files) writeWhole(path, textOf(format, false));
}

/** Fails early for a file that cannot be written. Throws InputError. */
export function checkFiles({ files }: ProbeOutput): void {
  for (const { path } of files) {
    const trial = unfinishedName(path);
    try {
      closeSync(openSync(trial, 'wx', 0o600));
      rmSync(trial, { force: true });
    } catch (error) {
      throw inputError(
        `--output ${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

const unfinishedName = (path: string): string => `${path}.unfinished-${process.pid}`;

function writeWhole(path: string, text: string): void {
  const unfinished = unfinishedName(path);
  try {
    const descriptor = openSync(unfinished, 'w', 0o600);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new SurroundingsError(`could not write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Tells on stderr how far a probe is. */
export interface ProbeProgress {
  readonly onAttempt: (attempt: Attempt) => void;
  /** A remark that must not be overwritten by the line that is redrawn. */
  readonly note: (text: string) => void;
  readonly close: () => void;
}

const redrawMs = 200;
/** Off a terminal. */
const tellMs = 30_000;

export interface ProgressOptions {
  readonly isQuiet: boolean;
  /** Whether somebody is being asked something on the terminal. */
  readonly isPaused?: (() => boolean) | undefined;
}

export function probeProgress(total: number, options: ProgressOptions, { stderr }: World): ProbeProgress {
  const { isQuiet, isPaused = () => false } = options;
  if (isQuiet) return { onAttempt() {}, note() {}, close() {} };
  const began = performance.now();
  const erase = stderr.isTerminal ? '\r\x1b[K' : '';
  let [done, failed] = [0, 0];
  const draw = (): void => {
    if (isPaused()) return;
    const line = `${grouped(done)}/${grouped(total)} attempts · ${grouped(failed)} failed · ${formatDuration(performance.now() - began)}`;
    stderr.write(stderr.isTerminal ? erase + line : `synaudit: ${line}\n`);
  };
  const timer = setInterval(draw, stderr.isTerminal ? redrawMs : tellMs).unref();
  return {
    onAttempt({ outcome }) {
      done += 1;
      if (outcome !== 'connected' && outcome !== 'not-sent') failed += 1;
    },
    note: text => stderr.write(`${erase}synaudit: ${text}\n`),
    close() {
      clearInterval(timer);
      if (erase !== '') stderr.write(erase);
    },
  };
}
