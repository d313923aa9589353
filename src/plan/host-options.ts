/** What ssh_config makes of one host: the options with which ssh would begin to connect. ssh.c main(), readconf.c. */
import { InputError, inputError } from '../model/input-error.ts';
import { matchesPatternList } from '../text/wildcard.ts';
import { canonicalHost } from './canonical-host.ts';
import { connectionHash, lastJump } from './connection-hash.ts';
import type { Surroundings } from './inputs.ts';
import type { MatchCommand, Subject } from './match.ts';
import { looksNumeric, numericAddress } from './numeric-address.ts';
import { type AddressFamily, type Asking, ask } from './questions.ts';
import type { Said } from './said.ts';
import type { Entry, SshConfig } from './ssh-config.ts';
import { expandTokens } from './tokens.ts';

/** Who asks. */
export interface Lookup {
  readonly alias: string;
  /** What flags or the inventory say; stands before all files, as options of a command line do. */
  readonly given: readonly Entry[];
  readonly surroundings: Surroundings;
}

/** Options of one host, first value wins. Values are as `ssh -G` prints them, before `~` and tokens are expanded. */
export interface HostOptions {
  readonly alias: string;
  /** The name to connect to: HostName, lower case, canonical where that was asked for. */
  readonly hostName: Said<string>;
  readonly get: (name: string) => Entry | undefined;
  /** One value as text; undefined if nobody said any. */
  readonly text: (name: string) => string | undefined;
  /** All of them, in order; `none` is one of them. */
  readonly identityFiles: readonly Entry[];
  readonly certificateFiles: readonly Entry[];
  /** CanonicalizeFallbackLocal is no, and the name resolves in no domain. */
  readonly isLost: boolean;
}

/** SSH_MAX_IDENTITY_FILES and SSH_MAX_CERTIFICATE_FILES of readconf.h. */
const maxFiles = 100;

/** Options as far as the files have been gone through. */
interface State {
  readonly config: SshConfig;
  readonly lookup: Lookup;
  readonly first: Map<string, Entry>;
  readonly identityFiles: Entry[];
  readonly certificateFiles: Entry[];
}

/** Goes through the blocks in order, and once more if a `Match final` or CanonicalizeHostname asks for it. */
export function* lookupHost(config: SshConfig, lookup: Lookup): Asking<HostOptions> {
  const { alias, given } = lookup;
  const first = new Map(given.filter(({ name }) => name !== 'identityfile').map(entry => [entry.name, entry]));
  const identityFiles = given.filter(({ name }) => name === 'identityfile');
  const state: State = { config, lookup, first, identityFiles, certificateFiles: [] };
  yield* applyBlocks(state, { host: alias, isFinal: false });
  checkUnknown(config, first.get('ignoreunknown'));

  const named = first.get('hostname');
  const name = named === undefined ? alias : expandedHostName(named, alias);
  const family = (textOf(first, 'addressfamily') ?? 'any') as AddressFamily;
  const address = numericAddress(name, family);
  // An address that differs in case alone is left as it is written.
  const plain = address?.toLowerCase() === name.toLowerCase() ? name : (address ?? name);
  const host = address === undefined && !looksNumeric(name) ? name.toLowerCase() : plain;
  const canonical = yield* canonicalHost(host, first, family);
  const origin = canonical.origin ?? named?.origin ?? 'default';

  if (config.wantsFinalPass || isCanonicalizing(first)) {
    const taken = { name: 'hostname', value: canonical.host.replaceAll('%', '%%'), origin, order: -1, isUsers: true };
    first.set('hostname', named === undefined ? taken : { ...named, value: taken.value });
    yield* applyBlocks(state, { host: canonical.host, isFinal: true });
  }
  return {
    alias,
    hostName: { value: canonical.host, origin },
    get: option => first.get(option),
    text: option => textOf(first, option),
    identityFiles,
    certificateFiles: state.certificateFiles,
    isLost: canonical.isLost,
  };
}

type First = ReadonlyMap<string, Entry>;

const textOf = (first: First, name: string): string | undefined => {
  const value = first.get(name)?.value;
  return typeof value === 'string' ? value : undefined;
};

const isCanonicalizing = (first: First): boolean =>
  !['false', undefined].includes(textOf(first, 'canonicalizehostname'));

/** HostName takes `%h` (the alias) and `%%` only: ssh_config(5), TOKENS. */
function expandedHostName({ value, origin }: Entry, alias: string): string {
  const expansion = expandTokens(String(value), letter => (letter === 'h' ? alias : undefined));
  if ('problem' in expansion) throw inputError(`${origin}: hostname: ${expansion.problem}`);
  return expansion.text;
}

interface Pass {
  readonly host: string;
  readonly isFinal: boolean;
}

/** Options that canonicalizing needs: fill_default_options_for_canonicalization() settles them before the last pass. */
const settled = new Set(['canonicalizehostname', 'canonicalizemaxdots', 'canonicalizefallbacklocal']);

function* applyBlocks(state: State, pass: Pass): Asking<void> {
  const subject = subjectOf(state, pass);
  for (const { guards, entries } of state.config.blocksFor(pass.host)) {
    if (!guards.every(guard => guard.holds(subject))) continue;
    // Commands are run only where all else holds.
    const commands = guards.flatMap(guard => guard.commands);
    if (commands.length > 0 && !(yield* succeed(commands, state, subject))) continue;
    for (const entry of entries) if (!pass.isFinal || !settled.has(entry.name)) apply(state, entry);
  }
}

function* succeed(commands: readonly MatchCommand[], state: State, subject: Subject): Asking<boolean> {
  for (const { command, negated } of commands) {
    if ((yield* runs(command, state, subject)) === negated) return false;
  }
  return true;
}

/** Sees what the blocks before have said. */
function subjectOf({ first, lookup, config }: State, { host, isFinal }: Pass): Subject {
  const { alias, surroundings } = lookup;
  const { localUser, localAddresses } = surroundings;
  return {
    alias,
    host,
    get hostName() {
      const named = first.get('hostname');
      return isFinal ? host : named === undefined ? alias : expandedHostName(named, alias);
    },
    get user() {
      return textOf(first, 'user') ?? localUser;
    },
    localUser,
    isFinal,
    get tag() {
      return textOf(first, 'tag') ?? '';
    },
    // The collector is a command given on the command line, as in `ssh web01 sh -s`.
    sessionType: 'exec',
    remoteCommand: 'sh -s',
    version: config.version,
    localAddresses,
  };
}

function* runs(command: string, { first, lookup, config }: State, subject: Subject): Asking<boolean> {
  const { surroundings } = lookup;
  const { hostName, user, alias } = subject;
  const port = textOf(first, 'port') ?? '22';
  const jump = config.hasJumpToken ? lastJump(textOf(first, 'proxyjump'), surroundings) : undefined;
  const tokens: Readonly<Record<string, () => string | undefined>> = {
    C: () => connectionHash({ hostName, port, user, jump }, surroundings),
    L: () => surroundings.hostName.split('.', 1)[0],
    l: () => surroundings.hostName,
    d: () => surroundings.home,
    h: () => hostName,
    i: () => surroundings.userId,
    k: () => textOf(first, 'hostkeyalias') ?? hostName,
    n: () => alias,
    p: () => port,
    r: () => user,
    u: () => surroundings.localUser,
    j: () => jump,
  };
  const expansion = expandTokens(command, letter => tokens[letter]?.());
  if ('problem' in expansion) throw inputError(`Match exec "${command}": ${expansion.problem}`);
  const answer = yield* ask({ kind: 'exec', command: expansion.text });
  if ('problem' in answer) throw inputError(`Match exec "${expansion.text}": ${answer.problem}`);
  return answer.status === 0;
}

/** First value wins; files add up; of ProxyJump and ProxyCommand the first to come shuts out the other. */
function apply({ first, identityFiles, certificateFiles, lookup }: State, entry: Entry): void {
  const { name } = entry;
  if (name === 'identityfile') {
    if (!lookup.given.some(given => given.name === name)) addFile(identityFiles, entry);
  } else if (name === 'certificatefile') addFile(certificateFiles, entry);
  else if (!first.has(name) && !saysNothing(entry) && !isShutOut(first, entry)) first.set(name, entry);
}

const times = new Set(['connecttimeout', 'serveraliveinterval']);

/** A time of `none`, and a list of nothing, leave the option to a later line. */
const saysNothing = ({ name, value }: Entry): boolean => value.length === 0 || (value === 'none' && times.has(name));

/** `ProxyJump none` shuts out no ProxyCommand, but `ProxyCommand none` does shut out ProxyJump. */
function isShutOut(first: First, { name }: Entry): boolean {
  if (name === 'proxyjump') return first.has('proxycommand');
  const jump = textOf(first, 'proxyjump');
  return name === 'proxycommand' && jump !== undefined && jump.toLowerCase() !== 'none';
}

/** A file named twice in files of one kind is taken once: add_identity_file() in readconf.c. */
function addFile(files: Entry[], entry: Entry): void {
  if (files.some(({ value, isUsers }) => value === entry.value && isUsers === entry.isUsers)) return;
  if (files.length >= maxFiles) throw inputError(`${entry.origin}: more than ${maxFiles} lines of ${entry.name}`);
  files.push(entry);
}

/** `IgnoreUnknown` holds for the lines behind it. */
function checkUnknown({ unknown }: SshConfig, ignored: Entry | undefined): void {
  const patterns = ignored === undefined ? [] : String(ignored.value).toLowerCase().split(',');
  const bad = unknown.filter(
    ({ keyword, order }) => order < (ignored?.order ?? 0) || !matchesPatternList(patterns, keyword),
  );
  if (bad.length > 0) throw new InputError(bad.map(({ complaint }) => complaint));
}
