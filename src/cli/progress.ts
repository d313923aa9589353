import { allFindings, type RunEvent } from '../model/run.ts';
import type { Phase } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';
import { formatDuration } from '../text/duration.ts';
import { truncateColumns } from '../text/table.ts';
import type { Out } from './world.ts';

/** Tells on stderr how a run goes, so that nobody has to wonder whether it hangs. */
export interface Progress {
  accept(event: RunEvent): void;
  /** A remark that must not be overwritten by the line that is redrawn. */
  note(text: string): void;
  close(): void;
}

/** A line that is redrawn: often enough to look alive, seldom enough to cost nothing. Unit: ms. */
const redrawMs = 200;
/** Off a terminal: a line per 10 %, and at least this often. Unit: ms. */
const silenceMs = 30_000;
/** Lines closer together than this tell nothing: a run that is over in a second needs none. Unit: ms. */
const hasteMs = 1_000;
/** A host that is open longer than this is named. Unit: ms. */
const slowMs = 3_000;
const slowShown = 3;

export interface ProgressOptions {
  /** Shows nothing, remarks included. */
  readonly quiet: boolean;
  /** Whether the line is not redrawn now, as something else is on it. */
  readonly isPaused?: (() => boolean) | undefined;
}

export function createProgress(stderr: Out, { quiet, isPaused = () => false }: ProgressOptions): Progress {
  if (quiet) return { accept() {}, note() {}, close() {} };
  const state = createState();
  return stderr.isTerminal ? redrawn(stderr, state, isPaused) : lineByLine(stderr, state);
}

function redrawn(stderr: Out, state: State, isPaused: () => boolean): Progress {
  const erase = '\r\x1b[K';
  const draw = () =>
    isPaused() || stderr.write(erase + truncateColumns(stripControls(state.line()), (stderr.columns ?? 80) - 1));
  let timer: NodeJS.Timeout | undefined;
  return {
    accept(event) {
      state.accept(event);
      if (event.type === 'run') timer = setInterval(draw, redrawMs).unref();
      if (event.type === 'end') stop();
    },
    note: text => stderr.write(`${erase}${stripControls(text)}\n`),
    close: stop,
  };
  function stop(): void {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    stderr.write(erase);
  }
}

function lineByLine(stderr: Out, state: State): Progress {
  let toldTenth = 0;
  let toldAt = performance.now();
  const tell = () => {
    toldTenth = Math.floor(state.share() * 10);
    toldAt = performance.now();
    stderr.write(`synaudit: ${stripControls(state.line())}\n`);
    timer?.refresh();
  };
  const isTime = () => performance.now() - toldAt >= hasteMs;
  let timer: NodeJS.Timeout | undefined;
  return {
    accept(event) {
      state.accept(event);
      if (event.type === 'run') timer = setInterval(tell, silenceMs).unref();
      else if (event.type === 'host' && Math.floor(state.share() * 10) > toldTenth && isTime()) tell();
    },
    note: text => stderr.write(`synaudit: ${stripControls(text)}\n`),
    close: () => clearInterval(timer),
  };
}

interface State {
  accept(event: RunEvent): void;
  /** Done, 0 to 1. */
  share(): number;
  line(): string;
}

function createState(): State {
  const open = new Map<string, { phase: Phase; readonly since: number }>();
  const startedAt = performance.now();
  let total = 0;
  let done = 0;
  let hostsWithFindings = 0;
  let notAudited = 0;
  return {
    accept(event) {
      if (event.type === 'run') total = event.run.hostCount;
      else if (event.type === 'phase') {
        const entry = open.get(event.host);
        if (entry === undefined) open.set(event.host, { phase: event.phase, since: performance.now() });
        else entry.phase = event.phase;
      } else if (event.type === 'host') {
        open.delete(event.result.name);
        done += 1;
        if (event.result.error !== null) notAudited += 1;
        if (allFindings(event.result).some(({ severity, waived }) => waived === null && severity !== 'info'))
          hostsWithFindings += 1;
      }
    },
    share: () => (total === 0 ? 1 : done / total),
    line() {
      const now = performance.now();
      const perSecond = (done * 1_000) / Math.max(1, now - startedAt);
      const parts = [`${done}/${total} hosts`, `${hostsWithFindings} with findings`];
      if (notAudited > 0) parts.push(`${notAudited} not audited`);
      parts.push(`${perSecond.toFixed(1)}/s`);
      if (done > 0 && done < total) parts.push(`ETA ${formatDuration(((total - done) / perSecond) * 1_000)}`);
      const slow = slowest(open, now);
      if (slow.length > 0) parts.push(`open longest: ${slow.join(', ')}`);
      return parts.join(' · ');
    },
  };
}

/** `nas1 exec 12 s`. Hosts are opened in order, so the first entries of the map are the oldest. */
function slowest(open: ReadonlyMap<string, { readonly phase: Phase; readonly since: number }>, now: number): string[] {
  const slow: string[] = [];
  for (const [host, { phase, since }] of open) {
    if (slow.length === slowShown || now - since < slowMs) break;
    slow.push(`${host} ${phase} ${formatDuration(now - since)}`);
  }
  return slow;
}
