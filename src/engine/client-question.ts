import { known } from '../model/reading.ts';
import type { Finding } from '../model/rule.ts';
import type { ClientAnswer, NamespaceResult } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { compileRanges, type DeclaredRanges } from '../snapshot/declared-ranges.ts';

/** `--client CIDR`: which hosts drop this client, or would, and on what evidence. */
export interface ClientQuestion {
  readonly cidr: string;
  readonly ranges: DeclaredRanges;
}

/** Compiled once per run. The CIDR was checked where it was typed. */
export const clientQuestion = (cidr: string): ClientQuestion => ({
  cidr,
  ranges: compileRanges([{ name: cidr, cidrs: [cidr], status: 'active' }]),
});

interface Judged {
  readonly findings: readonly Finding[];
  readonly notChecked: Readonly<Record<string, string>>;
}

/** TCP_PAWS_MSL of include/net/tcp.h. Unit: s. */
const rememberedSeconds = 60;

/** What a host does to the client, in its own network namespace or in another; the worst counts. */
export function answerOfHost(
  question: ClientQuestion,
  snapshot: Snapshot,
  { judged, namespaces }: { readonly judged: Judged; readonly namespaces: readonly NamespaceResult[] },
): ClientAnswer {
  const own = answerFor(question, snapshot, judged);
  const read = new Map(known(snapshot.namespaces)?.read.map(namespace => [namespace.id, namespace.snapshot]));
  const others = namespaces.flatMap(namespace => {
    const inside = read.get(namespace.id);
    if (inside === undefined) return [];
    const answer = answerFor(question, inside, namespace);
    return [{ ...answer, because: `In ${namespace.owner}: ${answer.because}` }];
  });
  return (
    [own, ...others].find(({ answer }) => answer === 'drops') ??
    [own, ...others].find(({ answer }) => answer === 'would-drop') ??
    own
  );
}

/** What one network namespace does to the client. Its traces: connections of it, and timestamps that the host remembers of it. */
export function answerFor(question: ClientQuestion, snapshot: Snapshot, judged: Judged): ClientAnswer {
  const { cidr } = question;
  const traces = tracesOf(question, snapshot);
  const recycle = judged.findings.find(({ rule }) => rule === 'tw-recycle');
  const others = judged.findings.filter(({ rule, state }) => rule !== 'tw-recycle' && state === 'active');
  const said = (answer: ClientAnswer['answer'], ...because: readonly string[]): ClientAnswer => ({
    cidr,
    answer,
    because: [...because, ...traces.words, ...others.map(alike)].join(' '),
  });

  if (recycle?.state === 'firing') {
    if (traces.remembered > 0)
      return said(
        'drops',
        'tcp_tw_recycle drops SYNs now, and this host remembers a timestamp of the client:',
        'SYNs of it that are older get no answer.',
      );
    if (traces.connections > 0)
      return said(
        'drops',
        'tcp_tw_recycle drops SYNs now, and the client is connected; its SYNs are dropped as soon as one of its connections was closed here.',
      );
    return said(
      'would-drop',
      'tcp_tw_recycle drops SYNs now; whether those of the client cannot be told, as it left no trace here.',
    );
  }
  if (recycle !== undefined && ['fired', 'exposed', 'latent'].includes(recycle.state ?? '')) {
    return said(
      'would-drop',
      `tcp_tw_recycle is on (${recycle.state}): once this host closes a connection of the client first, it drops SYNs of the same address for 60 s whose timestamp is older.`,
    );
  }
  if (others.length > 0) return said('drops');
  if (judged.notChecked['tw-recycle'] !== undefined) return said('unknown', judged.notChecked['tw-recycle']);
  return said(
    'does-not-drop',
    recycle?.state === 'inert'
      ? 'tcp_tw_recycle is on, but without effect while timestamps are off.'
      : 'tcp_tw_recycle is off or not in this kernel.',
  );
}

/** Other causes do not look at the address. */
const alike = ({ rule, title }: Finding): string => `It drops some SYNs of every client: ${title} (${rule}).`;

interface Traces {
  readonly connections: number;
  readonly remembered: number;
  readonly words: readonly string[];
}

function tracesOf({ ranges }: ClientQuestion, { sockets, tcpMetrics }: Snapshot): Traces {
  const isClient = ({ address }: { readonly address: string }): boolean => ranges.holding(address).length > 0;
  const peers = known(sockets)?.peers.filter(isClient) ?? [];
  const rest = known(sockets)?.rest.filter(({ prefix }) => ranges.ofPrefix(prefix).relation !== 'apart') ?? [];
  const connections = peers.reduce((sum, peer) => sum + peer.connections, 0);
  const young = (known(tcpMetrics) ?? []).filter(isClient).filter(({ ageSeconds }) => ageSeconds < rememberedSeconds);
  const addresses = new Set(peers.map(({ address }) => address)).size;
  const [youngest] = young.toSorted((a, b) => a.ageSeconds - b.ageSeconds);
  return {
    connections,
    remembered: young.length,
    words: [
      connectedInWords(sockets.state === 'ok', connections, addresses),
      ...(rest.length === 0 ? [] : ['More may be among the addresses that were only counted by prefix.']),
      ...(youngest === undefined
        ? []
        : [`A timestamp of ${youngest.address} is remembered since ${Math.round(youngest.ageSeconds)} s.`]),
    ],
  };
}

function connectedInWords(isRead: boolean, connections: number, addresses: number): string {
  if (!isRead) return 'Its connections are unknown: the sockets could not be read.';
  if (connections === 0) return 'It has no connection here now.';
  return `It has ${connections} ${connections === 1 ? 'connection' : 'connections'} here from ${addresses} ${addresses === 1 ? 'address' : 'addresses'}.`;
}
