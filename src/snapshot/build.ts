import type { Frame, Frames } from '../collect/frames.ts';
import { absent, type Reading } from '../model/reading.ts';
import type { CounterSource, Snapshot } from '../model/snapshot.ts';
import { bootId, hostname } from '../sources/identity.ts';
import { counterSources } from '../sources/index.ts';
import { uptime } from '../sources/uptime.ts';
import { readFile } from './frame-reading.ts';
import { namespacesOf } from './namespaces.ts';
import { samplesOf } from './samples.ts';
import { socketsOf } from './sockets.ts';
import { failures, standingOf } from './standing.ts';

/**
 * Frames of one visit to a Snapshot. Never throws: what cannot be parsed is a malformed reading, and is named in `unread`.
 */
export function buildSnapshot(frames: Frames): Snapshot {
  const standing = standingOf(frames.once);
  const { samples, onlyOneSample } = samplesOf(frames);
  const { sockets, tcpMetrics } = socketsOf(frames);
  const first = frames.samples[0] ?? new Map<string, Frame>();
  const boot = readFile(first, bootId);
  const read: (readonly [string, Reading<unknown>])[] = [
    [bootId.path, boot],
    ['proc/net/tcp', sockets],
    ['ip tcp_metrics', tcpMetrics],
  ];
  for (const sample of samples) {
    read.push([uptime.path, sample.uptimeSeconds]);
    for (const { path } of counterSources) read.push([path, sample.tables[path as CounterSource]]);
  }
  const host: Snapshot = {
    ...standing,
    bootId: boot,
    hostname: readFile(first, hostname),
    samples,
    onlyOneSample,
    sockets,
    tcpMetrics,
    namespaces: absent('not-collected'),
    unread: { ...standing.unread, ...failures(read) },
  };
  return { ...host, namespaces: namespacesOf(frames, host) };
}
