import type { FileFrames, Frame, Frames } from '../collect/frames.ts';
import type { NamespaceFrames, NamespacesFrames } from '../collect/namespace-frames.ts';
import { absent, mapReading, type NoReading, ok, type Reading } from '../model/reading.ts';
import type { CounterSource, Namespaces, NetworkNamespace, Sample, Snapshot } from '../model/snapshot.ts';
import { conntrackCount } from '../sources/conntrack-count.ts';
import { bootId } from '../sources/identity.ts';
import { maxNamespaces, maxProcesses, namespaceFiles } from '../sources/namespaces.ts';
import { containerOf, type ProcessStat, processStatOf } from '../sources/process-stat.ts';
import { uptime } from '../sources/uptime.ts';
import { type Samples, samplesOf } from './samples.ts';
import { socketsOf } from './sockets.ts';
import { failures, settingsOf } from './standing.ts';

/**
 * The other network namespaces of a host, each with a Snapshot of its own. What the machine has only once (CPU backlogs,
 * neighbour tables, sysctl files) is absent there: it is judged with the host.
 */
export function namespacesOf(frames: Frames, host: Snapshot): Reading<Namespaces> {
  const { namespaces } = frames;
  if (namespaces === null) return absent('not-collected');
  const read = namespaces.found.flatMap(found => namespaceOf(found, { frames, host }));
  const unseen = unseenOf(namespaces, frames.missing);
  return read.length === 0 && unseen === null ? noOthers : ok({ read, unseen });
}

/** As most hosts have it. */
const noOthers: Reading<Namespaces> = ok({ read: [], unseen: null });

interface Visit {
  readonly frames: Frames;
  readonly host: Snapshot;
}

/** None where it ended during the visit or could not be entered: then nothing is known of it. */
function namespaceOf(found: NamespaceFrames, visit: Visit): readonly NetworkNamespace[] {
  const { frames, host } = visit;
  const sampled = frames.samples.map((sample, index) => countersOf(found, sample, index));
  if (sampled[0]?.get('proc/net/netstat')?.status !== 'ok') return [];
  const processes = frames.samples.map(sample => statOf(sample, found.place));
  const { settings, hostKeys } = settingsIn(found, visit);
  const samples = samplesIn(sampled, processes);
  const { sockets } = socketsOf({ ...found, tables: new Map(), missing: frames.missing, self: '' });
  const since = startOf(found, frames.samples[0], processes[0]);
  const snapshot: Snapshot = {
    kernel: host.kernel,
    os: host.os,
    bootId: host.bootId,
    hostname: host.hostname,
    settings,
    ipv4Readable: host.ipv4Readable,
    samples: samples.samples.map(sample => countedFrom(since, sample)) as readonly Sample[] as Snapshot['samples'],
    onlyOneSample: samples.onlyOneSample,
    sockets,
    tcpMetrics: absent('not-collected'),
    boot: absent('not-collected', 'sysctl files set the namespace of the host only'),
    namespaces: absent('not-collected'),
    unread: failures([['proc/net/tcp', sockets], ...Object.entries(samples.samples[0].tables)]),
  };
  const container = containerIn(frames.samples[0], found.place);
  return [{ id: found.id, owner: ownerOf(found, processes[0]), container, snapshot, hostKeys }];
}

const oncePerMachine = absent('not-collected', 'the machine has it once');
const machineTables = {
  'proc/net/softnet_stat': oncePerMachine,
  'proc/net/stat/arp_cache': oncePerMachine,
  'proc/net/stat/ndisc_cache': oncePerMachine,
  'proc/net/stat/rt_cache': oncePerMachine,
} satisfies Partial<Record<CounterSource, NoReading>>;

/** Files of one sample under the names that they have inside. */
function countersOf({ place, oldest, inside, again }: NamespaceFrames, sample: FileFrames, index: number): FileFrames {
  const files = new Map<string, Frame>();
  const directory = oldest === null ? 'proc/self/net' : `${place}/net`;
  const from = oldest !== null ? sample : index === 0 ? inside : again;
  for (const file of namespaceFiles) {
    files.set(`proc/net/${file}`, from.get(`${directory}/${file}`) ?? { status: 'absent' });
  }
  // a gauge among the settings: read once, before the second sample
  files.set(
    conntrackCount.path,
    inside.get(conntrackCount.path) ?? { status: inside.size === 0 ? 'denied' : 'absent' },
  );
  for (const { path } of [uptime, bootId]) {
    const frame = sample.get(path);
    if (frame !== undefined) files.set(path, frame);
  }
  return files;
}

/** The second sample counts only if the same process was there to read it through. */
function samplesIn(sampled: readonly FileFrames[], processes: readonly (ProcessStat | null)[]): Samples {
  const [first, second] = sampled as readonly [FileFrames, FileFrames?];
  const isSame = processes[0]?.startedSeconds === processes[1]?.startedSeconds;
  if (second === undefined || (isSame && second.get('proc/net/netstat')?.status === 'ok')) {
    return samplesOf({ samples: sampled });
  }
  return { ...samplesOf({ samples: [first] }), onlyOneSample: 'its process ended between the samples' };
}

/** Counters of a namespace begin with it; it is at least as old as its oldest process. Unit: s since boot. */
function startOf(
  { oldest }: NamespaceFrames,
  sample: FileFrames | undefined,
  process: ProcessStat | null | undefined,
): number {
  if (oldest === null) return 0;
  const started = [statOf(sample, `proc/${oldest}`), process].flatMap(stat => stat?.startedSeconds ?? []);
  return started.length === 0 ? 0 : Math.min(...started);
}

function countedFrom(since: number, { uptimeSeconds, tables }: Sample): Sample {
  return {
    uptimeSeconds: mapReading(uptimeSeconds, seconds => (seconds > since ? seconds - since : seconds)),
    tables: { ...tables, ...machineTables },
  };
}

/**
 * Its own settings. A key that the host has and the namespace has not exists once in this kernel, so the host's value holds
 * here, too; interfaces are the namespace's own. Source: tables that are registered on init_net alone; kernel-facts D1.
 */
function settingsIn(
  { inside }: NamespaceFrames,
  { frames, host }: Visit,
): Pick<Snapshot, 'settings'> & Pick<NetworkNamespace, 'hostKeys'> {
  const isEntered = inside.size > 0;
  const own = settingsOf(inside);
  const settings = new Map(own);
  const hostKeys = new Set<string>();
  const lacking = lackingIn(frames.missing);
  const hidden = lacking === undefined ? absent('not-permitted', 'it takes root') : absent('command-missing', lacking);
  for (const [key, value] of host.settings) {
    if (own.has(key) || ofInterface.test(key)) continue;
    settings.set(key, isEntered ? value : hidden);
    if (isEntered) hostKeys.add(key);
  }
  return { settings, hostKeys };
}

/** A program without which no namespace is entered. */
const lackingIn = (missing: ReadonlySet<string>): string | undefined =>
  ['awk', 'nsenter'].find(program => missing.has(program));

const ofInterface = /^net\.ipv4\.conf\.(?!all\.|default\.)/;

const textOf = (sample: FileFrames | undefined, path: string): string | null => {
  const frame = sample?.get(path);
  return frame?.status === 'ok' ? frame.text : null;
};

function statOf(sample: FileFrames | undefined, process: string): ProcessStat | null {
  const text = textOf(sample, `${process}/stat`);
  return text === null ? null : processStatOf(text);
}

function containerIn(sample: FileFrames | undefined, process: string): string | null {
  const text = textOf(sample, `${process}/cgroup`);
  return text === null ? null : containerOf(text);
}

function ownerOf({ place, oldest }: NamespaceFrames, process: ProcessStat | null | undefined): string {
  const name = place.slice(place.lastIndexOf('/') + 1);
  return oldest === null ? `netns ${name}` : `${process?.name || '?'}[${name}]`;
}

/** One sentence without a full stop, worded alike on all hosts where it can be, so that a table folds it. */
function unseenOf(namespaces: NamespacesFrames, missing: ReadonlySet<string>): string | null {
  const { found, beyond, named, isHidden, isCut } = namespaces;
  const closed = found.filter(({ inside }) => inside.size === 0);
  const mounted = closed.filter(({ oldest }) => oldest === null).length;
  const lacking = lackingIn(missing);
  const toEnter = lacking === undefined ? 'that takes root' : `there is no ${lacking}`;
  const parts = [
    ...(isHidden ? ['processes of other users are hidden from this login (hidepid)'] : []),
    ...(isCut ? [`more than ${maxProcesses} processes run here, and no more were looked at`] : []),
    ...(closed.length > mounted ? [`their settings were not read (${toEnter})`] : []),
    ...(named > 0 ? [`those that only a name in /run/netns holds were not read (${toEnter})`] : []),
    ...(mounted > 0 ? [`${mounted} that only a mount holds could not be entered`] : []),
    ...(beyond > 0 ? [`${beyond} more were not read (at most ${maxNamespaces} are)`] : []),
  ];
  return parts.length === 0 ? null : `not all was seen of other network namespaces: ${parts.join('; ')}`;
}
