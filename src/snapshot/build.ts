import type { Frame, Frames, SampleFrames } from '../collect/frames.ts';
import { mapReading, type Reading, whyMissing } from '../model/reading.ts';
import type { CounterSource, CounterTable, Sample, Snapshot } from '../model/snapshot.ts';
import { bootId, osRelease, osReleaseFile, redhatRelease } from '../sources/identity.ts';
import { counterSources } from '../sources/index.ts';
import type { FileSource } from '../sources/source.ts';
import { parseSysctlValue, sysctlKeyOf } from '../sources/sysctl-keys.ts';
import { uptime } from '../sources/uptime.ts';
import { bootOf } from './boot.ts';
import { parsed, readFile } from './frame-reading.ts';
import { socketsOf } from './sockets.ts';

/**
 * Frames of one visit to a Snapshot; with `earlier` (`ingest --earlier`), its last sample is the first one here.
 * Never throws: what cannot be parsed is a malformed reading, and is named in `unread`.
 */
export function buildSnapshot(frames: Frames, earlier?: Frames): Snapshot {
  const first = frames.samples[0] ?? new Map<string, Frame>();
  const { samples, onlyOneSample } = samplesOf(frames, earlier);
  const { sockets, tcpMetrics } = socketsOf(frames, first);
  const settings = settingsOf(first);
  return {
    kernel: readFile(first, osRelease),
    os: osOf(first),
    bootId: readFile(first, bootId),
    settings,
    ipv4Readable: frames.directories.has('proc/sys/net/ipv4'),
    samples,
    onlyOneSample,
    sockets,
    tcpMetrics,
    boot: bootOf(frames, [...settings.keys()]),
    unread: unreadOf({ frames, samples, sockets, tcpMetrics, settings }),
  };
}

function osOf(first: SampleFrames): Reading<string> {
  const release = mapReading(readFile(first, osReleaseFile), ({ prettyName }) => prettyName);
  if (release.state === 'ok') return release;
  const older = readFile(first, redhatRelease);
  return older.state === 'ok' ? older : release;
}

function settingsOf(first: SampleFrames): ReadonlyMap<string, Reading<string>> {
  const settings = new Map<string, Reading<string>>();
  for (const [path, frame] of first) {
    if (!path.startsWith('proc/sys/net/') || frame.status === 'absent') continue;
    const reading = frame.status === 'ok' ? parseSysctlValue(frame.text) : parsed(frame, text => text);
    settings.set(sysctlKeyOf(path), reading);
  }
  return settings;
}

interface Earlier {
  readonly frames: SampleFrames;
  readonly sample: Sample;
}

/** A file that did not change since the earlier sample is not parsed again: most of them, on a quiet host. */
function sampleOf(frames: SampleFrames, earlier?: Earlier): Sample {
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

interface Samples {
  readonly samples: Snapshot['samples'];
  readonly onlyOneSample: string | null;
}

/** Pairs the samples, unless the host was rebooted between them: then the counters began anew. */
function samplesOf(frames: Frames, earlier: Frames | undefined): Samples {
  const now = frames.samples[frames.samples.length - 1] ?? new Map<string, Frame>();
  const before = earlier === undefined ? frames.samples.slice(0, -1)[0] : earlier.samples[earlier.samples.length - 1];
  if (before === undefined) return { samples: [sampleOf(now)], onlyOneSample: 'no second sample' };
  const first = sampleOf(before);
  const latest = sampleOf(now, { frames: before, sample: first });
  if (rebooted(first, latest) || (earlier !== undefined && otherBoot(earlier, frames))) {
    return { samples: [latest], onlyOneSample: 'the host was rebooted between the samples' };
  }
  return { samples: [first, latest], onlyOneSample: null };
}

const rebooted = (first: Sample, second: Sample): boolean =>
  first.uptimeSeconds.state === 'ok' &&
  second.uptimeSeconds.state === 'ok' &&
  second.uptimeSeconds.value < first.uptimeSeconds.value;

function otherBoot(earlier: Frames, later: Frames): boolean {
  const ids = [earlier, later].map(({ samples }) => readFile(samples[0] ?? new Map(), bootId));
  const [before, after] = ids;
  return before?.state === 'ok' && after?.state === 'ok' && before.value !== after.value;
}

interface Readings extends Pick<Snapshot, 'samples' | 'sockets' | 'tcpMetrics' | 'settings'> {
  readonly frames: Frames;
}

/** What exists on the host and gave no value. An absent file is no failure; a denied or senseless one is. */
function unreadOf({ frames, samples, sockets, tcpMetrics, settings }: Readings): Readonly<Record<string, string>> {
  const unread: Record<string, string> = {};
  const note = (source: string, reading: Reading<unknown>): void => {
    const failed = reading.state === 'malformed' || (reading.state === 'absent' && reading.why === 'not-permitted');
    if (failed) unread[source] = whyMissing(reading);
  };
  const first = frames.samples[0];
  if (first === undefined) return unread;
  for (const [path, frame] of first) {
    if (frame.status === 'denied') unread[path] = 'not permitted';
    else if (frame.status === 'malformed') unread[path] = `malformed: ${frame.why}`;
  }
  for (const sample of samples) {
    note(uptime.path, sample.uptimeSeconds);
    for (const [path, table] of Object.entries(sample.tables)) note(path, table);
  }
  const identity: readonly FileSource<unknown>[] = [osRelease, bootId, osReleaseFile, redhatRelease];
  for (const source of identity) note(source.path, readFile(first, source));
  for (const [key, reading] of settings) note(key, reading);
  note('proc/net/tcp', sockets);
  note('ip tcp_metrics', tcpMetrics);
  return unread;
}
