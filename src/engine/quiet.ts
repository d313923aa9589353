import { type Finding, isActing, type Verdict } from '../model/rule.ts';
import type { HostResult } from '../model/run.ts';
import { type Snapshot, secondsBetweenSamples } from '../model/snapshot.ts';

/** What a rule that passed excludes, in the words of somebody who looks for a lost SYN. */
const excluded: ReadonlyArray<readonly [rule: string, words: string]> = [
  ['tw-recycle', 'tcp_tw_recycle'],
  ['accept-queue-overflow', 'a full accept queue'],
  ['syn-queue-full', 'a full SYN queue'],
  ['conntrack-full', 'a full conntrack table'],
  ['neighbour-overflow', 'a full neighbour table'],
  ['rp-filter-drops', 'the reverse-path filter'],
  ['softnet-drops', 'a full CPU backlog'],
  ['time-wait-collision', 'collisions with TIME_WAIT'],
  ['challenge-ack', 'SYNs on live connections'],
  ['tcp-memory-pressure', 'TCP memory'],
  ['unexplained-listen-drops', 'any other drop at a listener'],
];

/** Verdicts under which a rule's cause did not act: looked at and quiet, or not there at all. */
const excludes = (verdict: Verdict | undefined): boolean => verdict === 'pass' || verdict === 'notapplicable';

/**
 * Where no counter of a dropped SYN moved between the samples: what that excludes, and what to do next. Null where one did,
 * or where there was no second sample. Source: kernel-facts B43, step 8.
 */
export function quietOf(
  snapshot: Snapshot,
  {
    findings,
    verdicts,
  }: { readonly findings: readonly Finding[]; readonly verdicts: Readonly<Record<string, Verdict>> },
): HostResult['quiet'] {
  const seconds = secondsBetweenSamples(snapshot);
  if (seconds === undefined || findings.some(isActing)) return null;
  const still = new Set(findings.filter(({ state }) => state === 'past' || state === 'fired').map(({ rule }) => rule));
  const named = excluded.filter(([rule]) => excludes(verdicts[rule]) || still.has(rule)).map(([, words]) => words);
  if (named.length === 0) return null;
  return {
    excludes: `No counter of a dropped SYN moved in ${Number(seconds.toPrecision(2))} s. For that time it excludes ${named.join(', ')}.`,
    next: 'If clients get no answer all the same, the SYN is dropped by a firewall rule or does not reach this host: look at rule counters as root (nft list ruleset, iptables -L -v -n -x) and capture the SYNs here.',
  };
}
