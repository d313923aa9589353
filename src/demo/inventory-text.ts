import type { Endpoint } from './addresses.ts';
import { demoUser } from './host-server.ts';
import type { DemoHost } from './roster.ts';

/** A host of the fleet and where it listens. */
export interface PlacedHost {
  readonly host: DemoHost;
  readonly endpoint: Endpoint;
}

/** What a group's hosts serve, and whether their clients come through the declared NAT range. */
const services: Readonly<
  Record<string, { readonly name: string; readonly port: number; readonly behindNat: boolean }>
> = {
  web: { name: 'web', port: 8080, behindNat: true },
  api: { name: 'api', port: 8080, behindNat: true },
  pay: { name: 'pay', port: 443, behindNat: true },
  db: { name: 'postgres', port: 5432, behindNat: false },
  edge: { name: 'edge', port: 443, behindNat: false },
  shop: { name: 'shop', port: 443, behindNat: false },
  cache: { name: 'redis', port: 6379, behindNat: false },
  proxy: { name: 'proxy', port: 3128, behindNat: false },
  old: { name: 'intranet', port: 80, behindNat: false },
};

const head = `# The embedded fleet of "synaudit demo". It lives as long as the demo runs.
version: 1
`;

const nat = `nat:
  vpc-egress: { cidrs: [10.8.0.0/16], status: active }
`;

/** Numbers and names of our own making: nothing here needs quotes. */
function groupText(group: string, members: readonly PlacedHost[], commonPort: number): string {
  const lines = members.map(({ host, endpoint }) => {
    const port = endpoint.port === commonPort ? '' : `, port: ${endpoint.port}`;
    return `      - { name: ${host.name}, address: ${endpoint.address}${port} }\n`;
  });
  const service = services[group];
  return [
    `  ${group}:\n    hosts:\n`,
    ...lines,
    service === undefined ? '' : `    services: [{ name: ${service.name}, port: ${service.port} }]\n`,
    service?.behindNat === true ? '    clients: [vpc-egress]\n' : '',
  ].join('');
}

/** The inventory of the fleet, as a user would write it. */
export function inventoryText(placed: readonly PlacedHost[]): string {
  const port = placed[0]?.endpoint.port ?? 22;
  const groups = new Map<string, PlacedHost[]>();
  for (const one of placed) {
    const members = groups.get(one.host.group);
    if (members === undefined) groups.set(one.host.group, [one]);
    else members.push(one);
  }
  const texts = [...groups].map(([group, members]) => groupText(group, members, port));
  return `${head}defaults: { user: ${demoUser}, port: ${port} }\n${nat}groups:\n${texts.join('')}`;
}

/** Lines of known_hosts by address and by name, as sshd(8) describes them. `keyOf` gives `ssh-ed25519 AAAA…`. */
export function knownHostsText(placed: readonly PlacedHost[], keyOf: (host: DemoHost) => string): string {
  return placed
    .map(({ host, endpoint }) => {
      const { address, port } = endpoint;
      return `[${address}]:${port},[${host.name}]:${port} ${keyOf(host)}\n`;
    })
    .join('');
}
