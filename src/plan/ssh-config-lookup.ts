/** What ssh_config says of one host. */
import { inputError } from '../model/input-error.ts';
import type { Subject } from './match.ts';
import type { Said } from './said.ts';
import type { Entry, SshConfig } from './ssh-config.ts';

/** What is honoured, as written: `~` and tokens are not expanded yet, but in HostName. */
export interface HostSettings {
  readonly hostName: Said<string> | undefined;
  readonly user: Said<string> | undefined;
  readonly port: Said<number> | undefined;
  /** All of them, in order; `none` empties the list. */
  readonly identityFiles: readonly Said<string>[];
  readonly identitiesOnly: Said<boolean> | undefined;
  readonly identityAgent: Said<string> | undefined;
  readonly userKnownHostsFiles: Said<readonly string[]> | undefined;
  readonly globalKnownHostsFiles: Said<readonly string[]> | undefined;
  readonly hostKeyAlias: Said<string> | undefined;
  readonly strictHostKeyChecking: Said<string> | undefined;
  readonly proxyJump: Said<string> | undefined;
}

/** Who asks, for `Match`. `user` is the one given by flag or inventory, if any. */
export interface Lookup {
  readonly alias: string;
  readonly user: string | undefined;
  readonly localUser: string;
}

type Values = Map<string, Entry>;

/** Applies the blocks in order: the first value of a keyword wins, identity files add up. */
export function lookupHost(config: SshConfig, { alias, user, localUser }: Lookup): HostSettings {
  const first: Values = new Map();
  const identityFiles: Said<string>[] = [];
  const subject = (): Subject => ({
    alias,
    hostName: hostNameOf(first, alias)?.value ?? alias,
    user: user ?? first.get('user')?.args[0] ?? localUser,
    localUser,
  });
  for (const { guards, entries } of config.blocksFor(alias)) {
    if (guards.length > 0) {
      const now = subject();
      if (!guards.every(guard => guard.holds(now))) continue;
    }
    for (const entry of entries) {
      if (entry.keyword === 'identityfile') addIdentity(identityFiles, entry);
      else if (!first.has(entry.keyword)) first.set(entry.keyword, entry);
    }
  }
  return settingsOf(first, { alias, identityFiles });
}

/** A file named twice is offered once: add_identity_file() in readconf.c. */
function addIdentity(files: Said<string>[], entry: Entry): void {
  const value = entry.args[0] ?? '';
  if (files.every(file => file.value !== value)) files.push({ value, origin: originOf(entry) });
}

const originOf = ({ file, line }: Entry): string => `${file}:${line}`;

/** HostName takes `%h` (the alias) and `%%` only: ssh_config(5), TOKENS. */
function hostNameOf(first: Values, alias: string): Said<string> | undefined {
  const entry = first.get('hostname');
  if (entry === undefined) return undefined;
  const value = (entry.args[0] ?? '').replace(/%([h%])/g, (_, token) => (token === 'h' ? alias : '%'));
  return { value, origin: originOf(entry) };
}

interface Rest {
  readonly alias: string;
  readonly identityFiles: readonly Said<string>[];
}

function settingsOf(first: Values, { alias, identityFiles }: Rest): HostSettings {
  const said = <T>(keyword: string, read: (args: readonly string[], entry: Entry) => T): Said<T> | undefined => {
    const entry = first.get(keyword);
    return entry === undefined ? undefined : { value: read(entry.args, entry), origin: originOf(entry) };
  };
  const text = (keyword: string): Said<string> | undefined => said(keyword, ([value = '']) => value);
  const list = (keyword: string): Said<readonly string[]> | undefined => said(keyword, args => args);
  return {
    hostName: hostNameOf(first, alias),
    user: text('user'),
    port: said('port', portOf),
    identityFiles,
    identitiesOnly: said('identitiesonly', ([value]) => /^(?:yes|true)$/i.test(value ?? '')),
    identityAgent: text('identityagent'),
    userKnownHostsFiles: list('userknownhostsfile'),
    globalKnownHostsFiles: list('globalknownhostsfile'),
    hostKeyAlias: text('hostkeyalias'),
    strictHostKeyChecking: said('stricthostkeychecking', ([value = '']) => value.toLowerCase()),
    proxyJump: text('proxyjump'),
  };
}

function portOf([value = '']: readonly string[], { file, line }: Entry): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) throw inputError(`bad port "${value}"`, { file, line, column: 1 });
  return port;
}
