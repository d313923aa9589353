import type { FileFrames, Frame, Frames } from '../collect/frames.ts';
import type { CounterTable } from '../model/counter-table.ts';
import type { Reading } from '../model/reading.ts';
import type { CounterSource, Sample, Snapshot } from '../model/snapshot.ts';
import { bootId } from '../sources/identity.ts';
import { counterSources } from '../sources/index.ts';
import { uptime } from '../sources/uptime.ts';
import { readFile } from './frame-reading.ts';

interface Earlier {
  readonly frames: FileFrames;
  readonly sample: Sample;
}

/** A file that did not change since the earlier sample is not parsed again: most of them, on a quiet host. */
function sampleOf(frames: FileFrames, earlier?: Earlier): Sample {
  const tables = {} as Record<CounterSource, Reading<CounterTable>>;
  for (const source of counterSources) {
    const { path } = source;
    tables[path as CounterSource] =
      earlier !== undefined && sameText(frames.get(path), earlier.frames.get(path))
        ? earlier.sample.tables[path as CounterSource]
        : readFile(frames, source);
  }
  return { uptimeSeconds: readFile(frames, uptime), tables };
}

const sameText = (frame: Frame | undefined, before: Frame | undefined): boolean =>
  frame?.status === 'ok' && before?.status === 'ok' && frame.text === before.text;

/** One sample, or two that belong together. */
export interface Samples {
  readonly samples: Snapshot['samples'];
  readonly onlyOneSample: string | null;
}

/** Pairs the samples, unless the host was rebooted between them: then the counters began anew. */
export function samplesOf(frames: Pick<Frames, 'samples'>): Samples {
  const now = frames.samples[frames.samples.length - 1] ?? new Map<string, Frame>();
  const before = frames.samples.slice(0, -1)[0];
  if (before === undefined) return { samples: [sampleOf(now)], onlyOneSample: 'no second sample' };
  const first = sampleOf(before);
  const latest = sampleOf(now, { frames: before, sample: first });
  if (rebooted(first, latest) || otherBoot(before, now)) {
    return { samples: [latest], onlyOneSample: 'the host was rebooted between the samples' };
  }
  return { samples: [first, latest], onlyOneSample: null };
}

const rebooted = (first: Sample, second: Sample): boolean =>
  first.uptimeSeconds.state === 'ok' &&
  second.uptimeSeconds.state === 'ok' &&
  second.uptimeSeconds.value < first.uptimeSeconds.value;

function otherBoot(earlier: FileFrames, later: FileFrames): boolean {
  const before = readFile(earlier, bootId);
  const after = readFile(later, bootId);
  return before.state === 'ok' && after.state === 'ok' && before.value !== after.value;
}
