/** Collector output of a host with containers, put together from parts as the kernel and the script print them. */

/** A network namespace as the script reads it. */
export interface Inside {
  readonly id: string;
  /** Its process; null where a mount holds it, then `name` is that of the mount. */
  readonly pid: number | null;
  readonly name: string;
  readonly cgroup?: string;
  /** Process that has lived in it for longest; default: the same. */
  readonly oldest?: number;
  /** Start of the process in both samples. Unit: s since boot. Default 900. */
  readonly started?: readonly [number, number];
  /** `TcpExt` counters in both samples; null: the process was gone. */
  readonly counters?: readonly [Counters, Counters | null];
  /** Sysctls below /proc/sys that were read inside; left out: it was not entered. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Records of the awk program. */
  readonly sockets?: readonly string[];
}

type Counters = Readonly<Record<string, number>>;

export interface HostParts {
  readonly inside?: readonly Inside[];
  /** Sysctls of the host, below /proc/sys. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the host, in both samples. */
  readonly counters?: readonly [Counters, Counters];
  /** Further marks: `beyond 3`. */
  readonly marks?: readonly string[];
}

const boundary = 'c0ffee'.repeat(6);
const mark = `@${boundary} `;
/** The samples are taken 1,000 s and 1,002 s after boot. */
const uptimes = ['1000.00', '1002.00'];

/** Lines of a file as grep prints them. */
const file = (path: string, text: string): string[] => text.split('\n').map(line => `${path}:${line}`);

const netstat = (counters: Counters): string =>
  `TcpExt: ${Object.keys(counters).join(' ')}\nTcpExt: ${Object.values(counters).join(' ')}`;

const sysctls = (settings: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(settings).flatMap(([path, value]) => file(`proc/sys/${path}`, value));

const statOf = (pid: number, name: string, started: number): string =>
  `${pid} (${name}) S 1 1 1 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 ${started * 100} 1000 100`;

function filesOf(inside: Inside, index: 0 | 1): string[] {
  const { pid, name, cgroup = '0::/system.slice', oldest = pid, started = [900, 900] } = inside;
  const counters = (inside.counters ?? quiet)[index];
  if (pid === null || counters === null) return [];
  return [
    ...file(`proc/${pid}/net/netstat`, netstat(counters)),
    ...file(`proc/${pid}/net/sockstat`, 'sockets: used 3\nTCP: inuse 3 orphan 0 tw 0 alloc 9 mem 1'),
    ...file(`proc/${pid}/stat`, statOf(pid, name, started[index])),
    ...file(`proc/${pid}/cgroup`, cgroup),
    ...(oldest === null || oldest === pid ? [] : file(`proc/${oldest}/stat`, statOf(oldest, 'pause', 100))),
  ];
}

const quiet = [{ ListenOverflows: 0 }, { ListenOverflows: 0 }] as const;

function withinOf({ id, pid, settings, sockets, counters = quiet }: Inside): string[] {
  const files = pid === null && settings !== undefined ? file('proc/self/net/netstat', netstat(counters[0])) : [];
  return [
    `${mark}within ${id}`,
    ...[...(settings === undefined ? [] : sysctls(settings)), ...files].map(line => `F ${line}`),
    ...(sockets ?? []),
  ];
}

const againOf = ({ id, pid, counters = quiet }: Inside): string[] =>
  pid !== null || counters[1] === null
    ? []
    : [`${mark}again ${id}`, ...file('proc/self/net/netstat', netstat(counters[1]))];

/** What the collector would print. */
export function outputWith({ inside = [], settings, counters = quiet, marks = [] }: HostParts): string {
  const sample = (index: 0 | 1): string[] => [
    `${mark}sample ${index + 1}`,
    ...(index === 0 ? [`${mark}directory proc/sys/net/ipv4`] : []),
    `${mark}files`,
    ...inside.flatMap(each => filesOf(each, index)),
    ...file('proc/uptime', `${uptimes[index]} 900.00`),
    ...file('proc/net/netstat', netstat(counters[index])),
    ...(index === 0 ? [...file('proc/sys/kernel/osrelease', '6.1.0-18-amd64'), ...sysctls(settings)] : []),
  ];
  const places = inside.map(({ id, pid, name, oldest }) =>
    pid === null ? `${mark}namespace ${id} run/netns/${name}` : `${mark}namespace ${id} proc/${pid} ${oldest ?? pid}`,
  );
  return [
    `synaudit-collector/1 ${boundary}`,
    `${mark}self 192.0.2.9 50000 192.0.2.1 22`,
    `${mark}namespaces`,
    ...places,
    ...marks.map(each => `${mark}${each}`),
    ...sample(0),
    `${mark}sockets`,
    ...inside.flatMap(withinOf),
    ...sample(1),
    ...inside.flatMap(againOf),
    `${mark}end`,
    '',
  ].join('\n');
}
