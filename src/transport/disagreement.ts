/** What is said when two sides have no algorithm in common: what is missing, and what would help. */
import { type AlgorithmProfile, algorithmProfiles } from '../model/host.ts';
import type { AlgorithmChoice, ConnectPlan } from '../model/plan.ts';
import type { VisitError } from '../model/visit.ts';
import { stripControls } from '../text/ansi.ts';
import { algorithmsOf } from './algorithms.ts';
import { endpoint } from './errors.ts';
import type { ServerOffer } from './server-offer.ts';

type Family = keyof ServerOffer;

const families: readonly Family[] = ['kex', 'hostKeys', 'ciphers', 'macs'];

const words: Readonly<Record<Family, string>> = {
  kex: 'key exchange',
  hostKeys: 'host key algorithm',
  ciphers: 'cipher',
  macs: 'MAC',
};

/**
 * What the installed ssh can do and ssh2 1.17 cannot: exchanges safe against quantum computers, certificates and FIDO keys
 * of hosts, UMAC. Names: OpenSSH's PROTOCOL, PROTOCOL.certkeys, PROTOCOL.u2f; draft-ietf-sshm-mlkem-hybrid-kex.
 */
const onlyOpenssh: Readonly<Record<Family, RegExp>> = {
  kex: /^(?:sntrup761x25519-sha512(?:@openssh\.com)?|mlkem768x25519-sha256)$/,
  hostKeys: /-cert-v0[01]@openssh\.com$|^sk-/,
  ciphers: /^$/,
  macs: /^umac-/,
};

/** A server that was not agreed with. `offer` holds only the families that are known. */
export interface Disagreement {
  readonly plan: Pick<ConnectPlan, 'address' | 'port' | 'algorithms' | 'algorithmChoices' | 'transport'>;
  readonly offer: Partial<ServerOffer>;
  /** The family that is known to have failed, in the words of who found out; undefined: to be found out here. */
  readonly said: string;
}

type Complaint = Pick<VisitError, 'outcome' | 'code' | 'message' | 'hint' | 'retryable'>;

/** The complaint about it. */
export function noCommonAlgorithm({ plan, offer, said }: Disagreement): Complaint {
  const missing = families.filter(family => !hasCommon(offer, family, plan.algorithms));
  const what = missing.map(family => words[family]).join(' and ') || said;
  const theirs = missing.map(family => `; the server offers ${listed(offer[family] ?? [])}`).join('');
  return {
    outcome: 'unsupported',
    code: 'no-common-algorithm',
    message: `${endpoint(plan)} and this program have no ${what} in common${theirs}`,
    hint: hintFor(plan, offer, missing),
    retryable: false,
  };
}

function hintFor(plan: Disagreement['plan'], offer: Partial<ServerOffer>, missing: readonly Family[]): string {
  const choice = missing.map(family => choiceOf(plan, family)).find(found => found !== undefined);
  if (choice !== undefined) return `${choice.origin} leaves out what the server has; add one of its algorithms there`;
  const fitting = algorithmProfiles.find(profile => families.every(family => hasCommon(offer, family, profile)));
  if (fitting !== undefined && fitting !== plan.algorithms) {
    return `the server is old: set algorithms: ${fitting} for this host or group, or use --algorithms ${fitting}`;
  }
  const forSsh = missing.find(family => offer[family]?.some(name => onlyOpenssh[family].test(name)));
  if (forSsh !== undefined && plan.transport === 'ssh2') {
    return `OpenSSH's own ssh has that ${words[forSsh]}: set transport: openssh for this host, or use --transport openssh`;
  }
  return plan.transport === 'ssh2'
    ? 'no profile of this program has one; a newer ssh may: try --transport openssh'
    : 'a newer ssh on this machine may have one';
}

/** What ssh_config says of a family, by the names of a plan. */
const choiceOf = ({ algorithmChoices }: Disagreement['plan'], family: Family): AlgorithmChoice | undefined =>
  algorithmChoices?.[family];

/** Whether a profile has what the server offers; true where that is not known. */
function hasCommon(offer: Partial<ServerOffer>, family: Family, profile: AlgorithmProfile): boolean {
  const theirs = offer[family];
  if (theirs === undefined) return true;
  const ours: Readonly<Record<Family, readonly string[]>> = algorithmsOf(profile);
  // A cipher that authenticates by itself takes no MAC.
  const needsNone = (name: string): boolean => /-gcm@|-poly1305@/.test(name) && ours.ciphers.includes(name);
  if (family === 'macs' && offer.ciphers?.some(needsNone)) return true;
  return theirs.some(name => ours[family].includes(name));
}

/** Names in the list of key exchanges that are none: RFC 8308 and the "strict KEX" of OpenSSH's PROTOCOL. */
const isMarker = (name: string): boolean => /^(?:ext-info-|kex-strict-)/.test(name);

/** The server wrote it: bounded. */
function listed(all: readonly string[]): string {
  const names = all.filter(name => !isMarker(name));
  const shown = names.slice(0, 12).map(name => stripControls(name).slice(0, 64));
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${names.length > shown.length ? ' …' : ''}`;
}
