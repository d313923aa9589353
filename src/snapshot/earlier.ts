import type { Reading } from '../model/reading.ts';
import type { CounterSource, Sample, Snapshot } from '../model/snapshot.ts';

/** Counters that only grow and that every busy host has: if one of them fell, the host was rebooted, or it is another one. */
const growing: ReadonlyArray<readonly [CounterSource, string]> = [
  ['proc/net/snmp', 'Tcp.PassiveOpens'],
  ['proc/net/snmp', 'Tcp.ActiveOpens'],
  ['proc/net/netstat', 'TcpExt.PAWSPassive'],
  ['proc/net/netstat', 'TcpExt.ListenDrops'],
];

/** With an older snapshot of the same host (`--earlier`): its latest sample becomes the first one. */
export function withEarlier(now: Snapshot, earlier: Snapshot): Snapshot {
  const before = earlier.samples[earlier.samples.length - 1] as Sample;
  const latest = now.samples[now.samples.length - 1] as Sample;
  const why = whyNoPair({ now, earlier, before, latest });
  return why === null
    ? { ...now, samples: [before, latest], onlyOneSample: null }
    : { ...now, samples: [latest], onlyOneSample: why };
}

interface Pair {
  readonly now: Snapshot;
  readonly earlier: Snapshot;
  readonly before: Sample;
  readonly latest: Sample;
}

function whyNoPair({ now, earlier, before, latest }: Pair): string | null {
  if (differ(now.bootId, earlier.bootId) || differ(now.kernel, earlier.kernel)) return rebooted;
  if (before.uptimeSeconds.state === 'ok' && latest.uptimeSeconds.state === 'ok') {
    return latest.uptimeSeconds.value < before.uptimeSeconds.value ? rebooted : null;
  }
  const fell = growing.find(([source, field]) => {
    const [old, young] = [before.tables[source], latest.tables[source]];
    if (old.state !== 'ok' || young.state !== 'ok') return false;
    return (young.value.get(field) ?? Number.POSITIVE_INFINITY) < (old.value.get(field) ?? 0);
  });
  return fell === undefined
    ? null
    : `${fell[1]} is lower than in the earlier one: rebooted since, or the two are swapped`;
}

const rebooted = 'the host was rebooted between the samples';

const differ = <T>(a: Reading<T>, b: Reading<T>): boolean =>
  a.state === 'ok' && b.state === 'ok' && a.value !== b.value;
