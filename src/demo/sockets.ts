/** Connections of one remote address to one listening port. */
export interface ClientGroup {
  /** IPv4, dotted. */
  readonly address: string;
  readonly port: number;
  readonly established: number;
  readonly timeWait: number;
  /** How many of the remote ports lie below 32768, as those of a NAT box do. */
  readonly lowPorts: number;
}

/** The TCP sockets of a host. */
export interface SocketPlan {
  /** The host's own address. IPv4, dotted. */
  readonly address: string;
  readonly listening: readonly number[];
  readonly clients: readonly ClientGroup[];
  /** Connections stand in `/proc/net/tcp6` as `::ffff:` addresses, as those of a listener on `[::]` do. */
  readonly dualStack: boolean;
}

/** Codes of include/net/tcp_states.h. */
const established = 1;
const timeWait = 6;
const listen = 10;

interface Row {
  readonly local: string;
  readonly remote: string;
  readonly state: number;
}

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

const hex = (n: number, digits: number): string => n.toString(16).toUpperCase().padStart(digits, '0');

/** Four bytes in the order of the machine: 10.8.0.5 is 0500080A on a little-endian one. */
const hexAddress = (address: string): string =>
  address
    .split('.')
    .reverse()
    .map(byte => hex(Number(byte), 2))
    .join('');

const mapped = (address: string): string => `0000000000000000FFFF0000${hexAddress(address)}`;

/** Remote ports: low ones as NAT boxes choose them, the rest where Linux clients start (32768). 31 and 7 only scatter. */
const remotePort = (index: number, lowPorts: number): number =>
  index < lowPorts ? 1024 + ((index * 31) % 31_000) : 32_768 + ((index * 7) % 28_000);

function clientRows(plan: SocketPlan): Row[] {
  const encode = plan.dualStack ? mapped : hexAddress;
  return plan.clients.flatMap(group =>
    Array.from({ length: group.established + group.timeWait }, (_, index) => ({
      local: `${encode(plan.address)}:${hex(group.port, 4)}`,
      remote: `${encode(group.address)}:${hex(remotePort(index, group.lowPorts), 4)}`,
      state: index < group.established ? established : timeWait,
    })),
  );
}

const listenRows = (ports: readonly number[], any: string): Row[] =>
  ports.map(port => ({ local: `${any}:${hex(port, 4)}`, remote: `${any}:0000`, state: listen }));

/** Source: net/ipv4/tcp_ipv4.c, get_tcp4_sock() and get_timewait4_sock(). */
function table(rows: readonly Row[]): string {
  const lines = rows.map(({ local, remote, state }, index) => {
    const timer = state === timeWait ? '03:00000A2C' : '00:00000000';
    const inode = state === timeWait ? 0 : 20_000 + index;
    const start = `${String(index).padStart(4)}: ${local} ${remote} ${hex(state, 2)} 00000000:00000000 ${timer}`;
    return `${start} 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
  });
  return `${[header, ...lines].join('\n')}\n`;
}

/** `/proc/net/tcp` and `/proc/net/tcp6` of a host. */
export function socketTables(plan: SocketPlan): { readonly tcp: string; readonly tcp6: string } {
  const v4 = listenRows(plan.listening, '00000000');
  const v6 = listenRows(plan.listening, '0'.repeat(32));
  const clients = clientRows(plan);
  return plan.dualStack
    ? { tcp: table(v4.filter(row => row.local.endsWith(':0016'))), tcp6: table([...v6, ...clients]) }
    : { tcp: table([...v4, ...clients]), tcp6: table(v6.filter(row => row.local.endsWith(':0016'))) };
}
