import type { FileFrames, Once } from '../collect/frames.ts';
import { mapReading, type Reading, whyMissing } from '../model/reading.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { osRelease, osReleaseFile, redhatRelease } from '../sources/identity.ts';
import { parseSysctlValue, sysctlKeyOf } from '../sources/sysctl-keys.ts';
import { bootOf } from './boot.ts';
import { isFailure, parsed, readFile } from './frame-reading.ts';

/** What does not change between the samples, and is the same on all hosts that print the same. */
export type Standing = Pick<Snapshot, 'kernel' | 'os' | 'settings' | 'ipv4Readable' | 'boot' | 'unread'>;

const known = new WeakMap<Once, Standing>();

/** Made once for each different Once: hosts of one cohort share it. */
export function standingOf(once: Once): Standing {
  const seen = known.get(once);
  if (seen !== undefined) return seen;
  const standing = readStanding(once);
  known.set(once, standing);
  return standing;
}

function readStanding(once: Once): Standing {
  const { files, directories } = once;
  const settings = settingsOf(files);
  const kernel = readFile(files, osRelease);
  const release = mapReading(readFile(files, osReleaseFile), ({ prettyName }) => prettyName);
  const older = readFile(files, redhatRelease);
  const readings: readonly (readonly [string, Reading<unknown>])[] = [
    [osRelease.path, kernel],
    [osReleaseFile.path, release],
    [redhatRelease.path, older],
    ...settings,
  ];
  const unparsed = [...files].map(([path, frame]) => [path, parsed(frame, () => null)] as const);
  return {
    kernel,
    os: release.state !== 'ok' && older.state === 'ok' ? older : release,
    settings,
    ipv4Readable: directories.has('proc/sys/net/ipv4'),
    boot: bootOf(once, [...settings.keys()]),
    unread: { ...failures(unparsed), ...failures(readings) },
  };
}

/** Running sysctl values, of the files that are there. */
export function settingsOf(files: FileFrames): ReadonlyMap<string, Reading<string>> {
  const settings = new Map<string, Reading<string>>();
  for (const [path, frame] of files) {
    if (!path.startsWith('proc/sys/net/') || frame.status === 'absent') continue;
    const reading = frame.status === 'ok' ? parseSysctlValue(frame.text) : parsed(frame, text => text);
    settings.set(sysctlKeyOf(path), reading);
  }
  return settings;
}

/** Those of the readings that failed, with the reason. */
export function failures(readings: Iterable<readonly [string, Reading<unknown>]>): Record<string, string> {
  const unread: Record<string, string> = {};
  for (const [source, reading] of readings) if (isFailure(reading)) unread[source] = whyMissing(reading);
  return unread;
}
