/**
 * Hosts with a kernel's own TCP in them: network, process and mount namespaces without a name, each held by one shell.
 * The shell ends when its standard input closes, and the kernel ends everything else with it: processes, links, firewall.
 * So nothing has to be cleaned up by name, and nothing is left behind where the test run is killed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { CounterSource } from '../../src/model/snapshot.ts';
import { counterSources } from '../../src/sources/index.ts';
import { type Program, startProgram } from './program.ts';

/** A running host. */
export interface Host {
  /** Of its first process, as seen from this machine. */
  readonly pid: number;
  /** Runs a program in its network and gives what it printed; throws where it fails. */
  readonly run: (argv: readonly string[], input?: string) => string;
  /** Adds chains of nftables to its firewall; `nat` to a table that may translate addresses. */
  readonly filter: (chains: string) => void;
  readonly nat: (chains: string) => void;
  /** Starts a program in its network, which ends with `stop`, or when the host is closed; it must end by itself, too. */
  readonly start: (argv: readonly string[], ready: RegExp) => Promise<Program>;
  /** The same in all its namespaces: the program sees the processes and the /proc of this host alone, and ends with it. */
  readonly startInside: (argv: readonly string[], ready: RegExp) => Promise<void>;
  /** A counter as this host's kernel has it now, read past the program under test. */
  readonly counter: (source: CounterSource, field: string) => number;
  readonly close: () => Promise<void>;
}

/** Named namespaces of the machine are mounts, which a host must not see: they would be audited with it. */
const hold = 'umount -l -a -t nsfs; echo ready; read -r _';

/** Starts a host. `network: 'machine'` leaves it in the network of this machine, where alone some tables are to be seen. */
export async function startHost({ network = 'own' }: { readonly network?: 'own' | 'machine' } = {}): Promise<Host> {
  const namespaces = ['--pid', '--mount', '--mount-proc', '--fork', '--kill-child'];
  const apart = network === 'own' ? ['--net', ...namespaces] : namespaces;
  const program = await startProgram(['unshare', ...apart, 'sh', '-c', hold], /^ready$/m);
  const pid = Number(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8'));
  const enter = ['--target', String(pid), '--net'];
  const started: Program[] = [];
  const run: Host['run'] = (argv, input = '') =>
    execFileSync('nsenter', [...enter, '--', ...argv], { encoding: 'utf8', input });
  // nft wants a line end before a closing brace
  const table = (family: string, chains: string): void => {
    run(['nft', '-f', '-'], `table ${family} synaudit {\n${chains.replaceAll(';', '\n').replaceAll('{', '{\n')}\n}\n`);
  };
  if (network === 'own') run(['ip', 'link', 'set', 'lo', 'up']);
  return {
    pid,
    run,
    filter: chains => table('inet', chains),
    nat: chains => table('ip', chains),
    start: async (argv, ready) => {
      const running = await startProgram(['nsenter', ...enter, '--', ...argv], ready);
      started.push(running);
      return running;
    },
    startInside: async (argv, ready) => {
      await startProgram(['nsenter', ...enter, '--mount', '--pid', '--', ...argv], ready);
    },
    counter: (source, field) => {
      const file = counterSources.find(({ path }) => path === source);
      if (file === undefined) throw new Error(`no source ${source}`);
      const text = readFileSync(`/proc/${pid}/${source.replace('proc/', '')}`, 'utf8');
      const value = file.parse(text).get(field);
      if (value === undefined) throw new Error(`${source} has no ${field} on this kernel`);
      return value;
    },
    close: async () => {
      await Promise.all(started.map(running => running.stop()));
      await program.stop();
    },
  };
}

/** One end of a link: `eth0` with `10.77.0.1/24`. */
interface End {
  readonly host: Host;
  readonly device: string;
  readonly address: string;
}

/** A cable between two hosts (veth). */
export function link(a: End, b: End): void {
  const peer = ['peer', 'name', b.device, 'netns', String(b.host.pid)];
  a.host.run(['ip', 'link', 'add', a.device, 'type', 'veth', ...peer]);
  for (const { host, device, address } of [a, b]) {
    host.run(['ip', 'addr', 'add', address, 'dev', device]);
    host.run(['ip', 'link', 'set', device, 'up']);
  }
}

/** Sets a sysctl of the host's network: `net.ipv4.tcp_syncookies`. */
export const set = (host: Host, key: string, value: number): void => {
  host.run(['sysctl', '-qw', `${key}=${value}`]);
};
