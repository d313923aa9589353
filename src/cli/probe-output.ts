/** Where a probe goes: stdout, files of `-o`, stderr while it is made. */
import type { Attempt, ProbeDocument } from '../model/probe.ts';
import { probeTable } from '../report/probe-table.ts';
import { painter } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { grouped } from '../text/share.ts';
import { destinationsOf, hasColor, openTarget } from './output.ts';
import type { OptionReader } from './settings.ts';
import type { World } from './world.ts';

export type ProbeOutput = ReturnType<typeof probeOutput>;

export const probeOutput = (read: OptionReader, world: World) => ({
  destinations: destinationsOf(['table', 'json'], read, world),
  color: hasColor(read, world),
  verbose: read.isOn('verbose'),
  quiet: read.isOn('quiet'),
});

/** `-f json`, and what the store keeps. */
export const probeJson = (probe: ProbeDocument): string => `${JSON.stringify(probe, null, 2)}\n`;

/** Opens stdout and the files, so that a path that cannot be written is told before anything is measured. Throws InputError. */
export function openProbeOutput({ destinations, color, verbose, quiet }: ProbeOutput, world: World) {
  const opened = destinations.map(destination => ({ ...destination, target: openTarget(destination, world) }));
  return (probe: ProbeDocument): void => {
    for (const { format, file, target } of opened) {
      const paint = painter(color && file === undefined);
      const { width } = target;
      target.write(format === 'json' ? probeJson(probe) : probeTable(probe, { width, paint, verbose, quiet }));
      target.close();
    }
  };
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
