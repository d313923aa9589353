import type { CounterTable } from '../model/counter-table.ts';
import { absent, ok, type Reading } from '../model/reading.ts';
import type { CounterSource, Sample, Snapshot, SocketTable } from '../model/snapshot.ts';
import { counterSources } from '../sources/index.ts';
import type { Gleaned } from '../sources/pasted.ts';
import { listenersOf, type SocketRow, socketTableOf } from '../sources/pasted-sockets.ts';
import { bootOfPasted } from './pasted-boot.ts';
import { countersOfPasted } from './pasted-counters.ts';
import { settingsOfPasted } from './pasted-settings.ts';

const notPasted = absent('not-collected');

const recycleKey = 'net.ipv4.tcp_tw_recycle';

/** A host of which nothing was read yet: every source is `not-collected`. */
const blank: Snapshot = {
  kernel: notPasted,
  os: notPasted,
  bootId: notPasted,
  hostname: notPasted,
  settings: new Map(),
  ipv4Readable: false,
  samples: [
    {
      uptimeSeconds: notPasted,
      tables: Object.fromEntries(counterSources.map(({ path }) => [path, notPasted])) as Record<
        CounterSource,
        Reading<CounterTable>
      >,
    },
  ],
  onlyOneSample: 'no second sample',
  sockets: notPasted,
  tcpMetrics: notPasted,
  boot: notPasted,
  namespaces: notPasted,
  unread: {},
};

/**
 * Texts of one host as a Snapshot; with `tree`, what its files did not hold. A file of the tree always wins, as the kernel
 * printed it; of texts, what is whole wins over what leaves things out.
 */
export function snapshotOfPasted(gleaned: readonly Gleaned[], tree: Snapshot = blank): Snapshot {
  const told = identityOf(gleaned);
  const { settings, isWhole } = settingsOfPasted(gleaned, tree.ipv4Readable);
  const latest = tree.samples[tree.samples.length - 1] as Sample;
  const recycle = tree.settings.get(recycleKey) ?? settings.get(recycleKey);
  const isRecycleGone =
    recycle === undefined ? isWhole : recycle.state === 'absent' && recycle.why === 'not-in-this-kernel';
  const pasted = countersOfPasted(gleaned, { isRecycleGone });
  const tables = { ...latest.tables };
  const excerpts = { ...latest.excerpts };
  for (const [source, { table, excerpt }] of pasted) {
    if (tables[source].state === 'ok') continue;
    tables[source] = ok(table);
    if (excerpt !== null) excerpts[source] = excerpt;
  }
  const sample: Sample = { uptimeSeconds: first(latest.uptimeSeconds, told.uptimeSeconds), tables, excerpts };
  return {
    ...tree,
    kernel: first(tree.kernel, told.kernel),
    os: first(tree.os, told.os),
    bootId: first(tree.bootId, told.bootId),
    hostname: first(tree.hostname, told.hostname),
    settings: new Map([...tree.settings, ...settings, ...[...tree.settings].filter(([, { state }]) => state === 'ok')]),
    ipv4Readable: isWhole,
    samples: tree.samples.length === 2 ? [tree.samples[0], sample] : [sample],
    sockets: socketsOfPasted(gleaned, tree.sockets),
    tcpMetrics: metricsOf(gleaned) ?? tree.tcpMetrics,
    boot: tree.boot.state === 'ok' ? tree.boot : bootOfPasted(gleaned),
    unread: { ...tree.unread, ...Object.assign({}, ...gleaned.map(text => text.malformed)) },
  };
}

const first = <T>(reading: Reading<T>, value: T | undefined): Reading<T> =>
  reading.state === 'ok' || value === undefined ? reading : ok(value);

interface Identity {
  readonly kernel?: string;
  readonly os?: string;
  readonly bootId?: string;
  readonly hostname?: string;
  readonly uptimeSeconds?: number;
}

function identityOf(gleaned: readonly Gleaned[]): Identity {
  const told = <T>(of: (text: Gleaned) => T | undefined): T | undefined =>
    gleaned.map(of).find(value => value !== undefined);
  const kernel = told(({ system, sysctl }) => system.kernel ?? sysctl?.told.get('kernel.osrelease'));
  const os = told(({ system }) => system.os);
  const bootId = told(({ sysctl }) => sysctl?.told.get('kernel.random.boot_id'));
  const hostname = told(({ sysctl }) => sysctl?.told.get('kernel.hostname'));
  const uptimeSeconds = told(({ system }) => system.uptimeSeconds);
  return {
    ...(kernel !== undefined && { kernel }),
    ...(os !== undefined && { os }),
    ...(bootId !== undefined && { bootId }),
    ...(hostname !== undefined && { hostname }),
    ...(uptimeSeconds !== undefined && { uptimeSeconds }),
  };
}

/** A tree has no `ip` to ask, so that what a text says counts. */
function metricsOf(gleaned: readonly Gleaned[]): Snapshot['tcpMetrics'] | undefined {
  const texts = gleaned.flatMap(({ tcpMetrics }) => (tcpMetrics === null ? [] : [tcpMetrics]));
  return texts.length === 0 ? undefined : ok(texts.flat());
}

/**
 * Sockets of the tree, of /proc/net/tcp, or of the text with the most rows. Listening sockets alone are no table: nothing
 * would be known of the peers. They still tell the limits of the accept queues.
 */
function socketsOfPasted(gleaned: readonly Gleaned[], tree: Snapshot['sockets']): Snapshot['sockets'] {
  const texts = gleaned.map(({ sockets }) => sockets?.rows ?? []);
  const proc = gleaned.flatMap(({ procSockets }) => procSockets);
  const table = tree.state === 'ok' ? tree : tableOf([proc, ...texts].filter(isTable));
  if (table !== null) return table.state === 'ok' ? ok(withLimits(table.value, texts.flat())) : table;
  if (gleaned.some(({ sockets }) => sockets?.hasNamedPorts === true)) {
    return absent('not-collected', 'ports are printed by name; -n prints numbers');
  }
  return texts.some(rows => rows.length > 0) ? absent('not-collected', 'not all sockets: ss -tan shows them') : tree;
}

const isTable = (rows: readonly SocketRow[]): boolean =>
  rows.some(({ state }) => state === 'LISTEN') && rows.some(({ state }) => state !== 'LISTEN');

function tableOf(candidates: readonly (readonly SocketRow[])[]): Reading<SocketTable> | null {
  const [largest] = [...candidates].sort((a, b) => b.length - a.length);
  return largest === undefined ? null : ok(socketTableOf(largest));
}

/** The accept queues' limits, which only `ss` prints. */
function withLimits(table: SocketTable, rows: readonly SocketRow[]): SocketTable {
  const limits = new Map(
    listenersOf(rows).flatMap(({ address, port, limit }) =>
      limit === null ? [] : [[`${address} ${port}`, limit] as const],
    ),
  );
  if (limits.size === 0) return table;
  const listeners = table.listeners.map(listener => ({
    ...listener,
    limit: listener.limit ?? limits.get(`${listener.address} ${listener.port}`) ?? null,
  }));
  return { ...table, listeners };
}
