import type { RolloutHost, RolloutOptions } from '../model/rollout.ts';

/** What a batch is made of. */
export interface BatchRequest {
  /** Hosts that wait, in the order of the plan: cohort by cohort. */
  readonly waiting: readonly RolloutHost[];
  /** Cohorts whose change passed a gate. */
  readonly proven: ReadonlySet<string>;
  readonly options: Pick<RolloutOptions, 'canary' | 'batchSize'>;
}

export interface Batch {
  readonly canary: boolean;
  readonly hosts: readonly RolloutHost[];
}

/**
 * The hosts that are changed next. A batch is of one cohort, as each cohort has a script of its own: it begins with the canary,
 * until one passed its gate. Of a group with `serial` no batch has more hosts than that. Never empty where a host waits.
 */
export function nextBatch({ waiting, proven, options }: BatchRequest): Batch {
  const cohort = waiting[0]?.cohort;
  const canary = cohort !== undefined && !proven.has(cohort);
  const size = canary ? options.canary : options.batchSize;
  return {
    canary,
    hosts: withinSerial(
      waiting.filter(host => host.cohort === cohort),
      size,
    ),
  };
}

/** The first hosts that may be changed at the same time. */
export function withinSerial(hosts: readonly RolloutHost[], size: number): readonly RolloutHost[] {
  const chosen: RolloutHost[] = [];
  for (const host of hosts) {
    if (chosen.length === size) break;
    if (fits([...chosen, host])) chosen.push(host);
  }
  return chosen;
}

/**
 * Whether no group has more hosts at a time than one of them allows. A host does not say which of its groups its `serial` is
 * of, so it holds in each; hosts without one do not count.
 */
export function fits(hosts: readonly RolloutHost[]): boolean {
  const bounded = hosts.filter(({ serial }) => serial !== null);
  const inGroup = new Map<string, number>();
  for (const { groups } of bounded) for (const group of groups) inGroup.set(group, (inGroup.get(group) ?? 0) + 1);
  return bounded.every(({ groups, serial }) => groups.every(group => (inGroup.get(group) ?? 0) <= (serial ?? 0)));
}

/** Hosts of a batch: `5`, or `10%` of all hosts, one at least. Undefined for what is neither. */
export function batchSizeOf(typed: string, hosts: number): number | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(typed) ?? [];
  const number = Number(digits);
  if (digits === undefined || number < 1) return undefined;
  if (percent === '') return number;
  return number > 100 ? undefined : Math.max(1, Math.floor((number * hosts) / 100));
}
