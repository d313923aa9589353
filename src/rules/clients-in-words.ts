import type { ClientFacts, Facts } from '../model/facts.ts';
import type { NatRange } from '../model/host.ts';
import { known, whyMissing } from '../model/reading.ts';
import { count, counted, listed } from './wording.ts';

/** Named in full; the others are only counted. */
const mostNamed = 2;

/** Whether clients share addresses, as far as this host and its inventory tell. DESIGN.md, "Shared addresses". */
export function clientsShare({ clients, declared }: Facts): boolean {
  return declared.length > 0 || (known(clients)?.shared.length ?? 0) > 0;
}

/** Who the clients are, which addresses stand for several, and why that is thought. Sentences, at least one. */
export function clientsInWords(facts: Facts): readonly string[] {
  const { clients, declared } = facts;
  if (clients.state !== 'ok') {
    return [...declaredInWords(declared), `Connected clients are unknown (sockets: ${whyMissing(clients)}).`];
  }
  return [...sharedInWords(clients.value), ...declaredInWords(declared), ...unseenInWords(facts, clients.value)];
}

function sharedInWords({ shared, connections, addresses }: ClientFacts): readonly string[] {
  if (shared.length === 0) return [];
  const named = shared.slice(0, mostNamed).map(({ address, connections: own, because }, index) => {
    const of = index === 0 ? ` of ${counted(connections, 'connection')}` : '';
    return `${count(own)}${of} from ${address} (${because.join(', ')})`;
  });
  const others = shared.length - named.length;
  const more = others === 0 ? '' : `, and ${count(others)} more shared ${addressNoun(others)}`;
  return [`${listed(named)}${more}; ${count(addresses)} ${addressNoun(addresses)} in all.`];
}

const addressNoun = (number: number): string => (number === 1 ? 'address' : 'addresses');

function declaredInWords(declared: readonly NatRange[]): readonly string[] {
  if (declared.length === 0) return [];
  const names = declared.map(({ name, cidrs, status }) => {
    const when = status === 'expected' ? ', expected' : '';
    return `${name} (${cidrs.slice(0, mostNamed).join(', ')}${cidrs.length > mostNamed ? ', …' : ''}${when})`;
  });
  return [`Its clients are declared to come from ${listed(names)}.`];
}

function unseenInWords(facts: Facts, { connections, addresses, complete }: ClientFacts): readonly string[] {
  if (clientsShare(facts)) return [];
  if (!complete) return ['Some addresses were only counted by prefix, and may lie in a declared range.'];
  if (connections === 0) return ['No client is connected now.'];
  return [
    `No shared address is in sight (${counted(connections, 'connection')} from ${count(addresses)} ${addressNoun(addresses)}).`,
  ];
}

/** Which side closes first decides whether timestamps are remembered at all (kernel-facts A2). */
export function closingInWords(facts: Facts): string {
  switch (known(facts.clients)?.serverClosesFirst) {
    case true:
      return 'This server closes connections first, so it remembers timestamps.';
    case false:
      return 'This server was not seen to close first; while clients close first, no timestamp is remembered.';
    default:
      return 'Which side closes first is not known; timestamps are remembered only where the server does.';
  }
}
