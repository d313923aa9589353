import { ok } from '../model/reading.ts';
import { type CounterReading, counter } from '../model/snapshot.ts';
import { stripControls } from '../text/ansi.ts';
import type { Input } from './inputs.ts';

/** What a network card, or what stands for one in a virtual machine, counted. */
export interface NetworkInterface {
  /** As it may be shown: without control characters, at most 15 characters (IFNAMSIZ). */
  readonly name: string;
  readonly received: CounterReading;
  readonly sent: CounterReading;
  /** Damaged: CRC, length, frame; drivers add what the ring lost. */
  readonly receiveErrors: CounterReading;
  /** Lost because the ring of the card was full. */
  readonly receiveFifo: CounterReading;
  /**
   * Dropped behind the card: full ring (rx_missed_errors is added to it), backlog of a CPU, no memory; but frames of unknown
   * protocols and of VLANs that nobody has here as well.
   */
  readonly receiveDropped: CounterReading;
  readonly sendDropped: CounterReading;
}

/** The interfaces at which packets come to this machine. */
export interface NetworkInterfaces {
  readonly cards: readonly NetworkInterface[];
  /** Whether all counters of every card were there. */
  readonly isWhole: boolean;
  /** Whether some of them are joined to one; the idle one then drops whatever comes to all. */
  readonly isBonded: boolean;
}

/**
 * Interfaces that carry what other interfaces carry as well, or that end at the other end of a process: lo, containers, virtual
 * machines, bridges, tunnels, VLANs (a dot in the name) and bonds. What gets lost on the way to this host is lost at a card.
 */
const isVirtual = (name: string): boolean =>
  /^(lo$|veth|docker|br[-\d]|virbr|lxc|lxd|cni|flannel|cali|cilium|kube|nodelocaldns|weave|vxlan|geneve|vnet|tap|tun|wg\d|ppp|sit|gre|erspan|ip6tnl|ip6gre|ip_vti|ip6_vti|tunl|dummy|ifb|nlmon|bond|team|macvtap|macvlan|ipvlan|vmnet|vboxnet|ovs|podman)|\./.test(
    name,
  );

const isBond = (name: string): boolean => /^(bond|team)/.test(name);

/** Beyond that the first ones count: no machine has more cards, but a hostile one may say so. */
const mostCards = 64;

interface Names {
  readonly own: readonly string[];
  readonly isBonded: boolean;
}

const namesOf = new WeakMap<readonly string[], Names>();

/** Tables of one layout share their names, and most hosts of a fleet have the same interfaces. */
function interfacesOf(fields: readonly string[]): Names {
  const seen = namesOf.get(fields);
  if (seen !== undefined) return seen;
  const names = [...new Set(fields.map(field => field.slice(0, field.lastIndexOf('.'))))];
  const found = { own: names.filter(name => !isVirtual(name)).slice(0, mostCards), isBonded: names.some(isBond) };
  namesOf.set(fields, found);
  return found;
}

/** Source: dev_seq_printf_stats() in net/core/net-procfs.c. */
export const networkInterfaces: Input<NetworkInterfaces> = {
  name: 'proc/net/dev',
  read: ({ snapshot }) => {
    const table = (snapshot.samples.at(-1) ?? snapshot.samples[0]).tables['proc/net/dev'];
    if (table.state !== 'ok') return table;
    const { own, isBonded } = interfacesOf(table.value.names);
    const cards = own.flatMap((name): readonly NetworkInterface[] => {
      const shown = stripControls(name).slice(0, 15);
      const read = (column: string): CounterReading | undefined => {
        const reading = counter(snapshot, 'proc/net/dev', `${name}.${column}`);
        return reading.state === 'ok' ? { ...reading.value, field: `${shown}.${column}` } : undefined;
      };
      const columns = ['rx_packets', 'tx_packets', 'rx_errs', 'rx_fifo', 'rx_drop', 'tx_drop'].map(read);
      const [received, sent, receiveErrors, receiveFifo, receiveDropped, sendDropped] = columns;
      return received && sent && receiveErrors && receiveFifo && receiveDropped && sendDropped
        ? [{ name: shown, received, sent, receiveErrors, receiveFifo, receiveDropped, sendDropped }]
        : [];
    });
    return ok({ cards, isWhole: cards.length === own.length, isBonded });
  },
};
