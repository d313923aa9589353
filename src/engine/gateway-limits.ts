/** What one address of a cloud's NAT gateway can carry. Read from the vendors' pages on the date given; they change. */
export interface GatewayLimits {
  readonly gateway: string;
  /** Connections at once to one destination (address and port), per address of the gateway. */
  readonly portsPerAddress: number;
  /** How long a port that was closed is kept from the same destination. Unit: s. */
  readonly closedSeconds: number;
  /** An open connection without a packet for so long is forgotten; the default where it can be set. Unit: s. */
  readonly idleSeconds: number;
  readonly source: string;
  readonly readOn: string;
}

export const gatewayLimits: readonly GatewayLimits[] = [
  {
    gateway: 'AWS NAT gateway',
    portsPerAddress: 55_000,
    closedSeconds: 60,
    idleSeconds: 350,
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html',
    readOn: '2026-11-22',
  },
  {
    gateway: 'Azure NAT Gateway',
    portsPerAddress: 50_000,
    closedSeconds: 65,
    idleSeconds: 240,
    source: 'https://learn.microsoft.com/en-us/azure/nat-gateway/nat-gateway-resource',
    readOn: '2026-11-22',
  },
  {
    gateway: 'Google Cloud NAT',
    portsPerAddress: 64_512,
    closedSeconds: 120,
    idleSeconds: 1_200,
    source: 'https://cloud.google.com/nat/docs/ports-and-addresses',
    readOn: '2026-11-22',
  },
];

/** TCP_TIMEWAIT_LEN of include/net/tcp.h: how long Linux itself keeps a closed connection. Unit: s. */
export const timeWaitSeconds = 60;
