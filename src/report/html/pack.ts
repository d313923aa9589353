import type { Finding } from '../../model/rule.ts';
import type { HostResult } from '../../model/run.ts';
import type { FindingKind, HostColumns, HostDetail, PackedFinding, Ref } from './island.ts';
import { fastest, openFindings, standingOf } from './standing.ts';
import { clipped, visible } from './visible.ts';

/** Collects hosts for the island; 10,000 of them stay small because what repeats is kept once, as text. */
export interface Packer {
  add(result: HostResult): void;
  /** The `Island` as JSON, in pieces: it is never one string. */
  json(): Iterable<string>;
}

/** Longest text of a host in the island. */
const longest = 4_000;
/** Entries of a list or keys of an object that a host may send along. */
const mostEntries = 500;

type Columns = { -readonly [K in keyof HostColumns]: HostColumns[K][number][] };

export function createPacker(): Packer {
  const pool: string[] = [];
  const places = new Map<string, number>();
  const columns: Columns = {
    name: [],
    address: [],
    groups: [],
    outcome: [],
    kernel: [],
    os: [],
    cohort: [],
    severity: [],
    standing: [],
    rules: [],
    leading: [],
    perSecond: [],
    totalMs: [],
    connectMs: [],
    detail: [],
  };

  function once<T>(value: T): Ref<T> {
    const text = JSON.stringify(bounded(value));
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, pool.length);
    return pool.push(text) - 1;
  }

  const pack = ({ because, evidence, ...kind }: Finding): PackedFinding => [
    once<FindingKind>(kind),
    once(because),
    evidence
      .slice(0, mostEntries)
      .map(({ source, field, value, earlier, perSecond }) => [
        once(source),
        once(field),
        typeof value === 'string' ? bounded(value) : value,
        earlier ?? null,
        perSecond === undefined ? null : rounded(perSecond),
      ]),
  ];

  const detailOf = (result: HostResult): HostDetail => ({
    findings: result.findings.map(pack),
    namespaces: result.namespaces.map(({ owner, findings }) => ({ owner, findings: findings.map(pack) })),
    verdicts: once(result.verdicts),
    notChecked: once(result.notChecked),
    settings: once(result.settings),
    error: result.error,
    unread: result.unread,
    notes: result.notes,
    clients: result.clients,
    quiet: once(result.quiet),
    client: result.client ?? null,
  });

  return {
    add(result) {
      const open = openFindings(result);
      const [leader] = open;
      columns.name.push(bounded(result.name));
      columns.address.push(bounded(result.address));
      columns.groups.push(once(result.groups));
      columns.outcome.push(once(result.outcome));
      columns.kernel.push(once(result.kernel));
      columns.os.push(once(result.os));
      columns.cohort.push(once(result.cohort));
      columns.severity.push(once(leader?.severity ?? null));
      columns.standing.push(once(standingOf(result, open)));
      columns.rules.push(once([...new Set(open.map(({ rule }) => rule))]));
      columns.leading.push(once(leader === undefined ? '' : subjectOf(leader)));
      columns.perSecond.push(rounded(fastest(open)));
      columns.totalMs.push(result.timing.totalMs);
      columns.connectMs.push(result.timing.connectMs);
      columns.detail.push(once(detailOf(result)));
    },
    *json() {
      yield '{"pool":[\n';
      for (const [i, text] of pool.entries()) yield i === 0 ? text : `,\n${text}`;
      yield '\n],"hosts":{';
      let comma = '';
      for (const [name, values] of Object.entries(columns)) {
        yield `${comma}\n"${name}":${JSON.stringify(values)}`;
        comma = ',';
      }
      yield '\n}}';
    },
  } satisfies Packer;
}

const subjectOf = ({ rule, state }: Finding): string => (state === null ? rule : `${rule} · ${state}`);

/** Three digits are more than a rate over two seconds holds. */
const rounded = (rate: number): number => (Number.isFinite(rate) ? Number(rate.toPrecision(4)) : 0);

/** The same value with every text made visible and cut, however deep, and no more entries than a page can show. */
function bounded<T>(value: T): T {
  return boundedValue(value) as T;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === 'string') return clipped(visible(value), longest);
  if (Array.isArray(value)) return value.slice(0, mostEntries).map(boundedValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, mostEntries);
  return Object.fromEntries(entries.map(([key, each]) => [clipped(visible(key), longest), boundedValue(each)]));
}
