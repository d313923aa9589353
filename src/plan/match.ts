/** When a block of ssh_config holds: `Host` patterns and `Match` criteria. match_cfg_line() of readconf.c. */
import { isWildcard, matchesPatternList } from '../text/wildcard.ts';
import { takeWord } from './config-line.ts';
import { isNetworkList, matchesNetworks } from './networks.ts';
import { expandTokens } from './tokens.ts';

/** What criteria look at while the blocks are applied in order. */
export interface Subject {
  /** As given on the command line or in the inventory. */
  readonly alias: string;
  /** What `Host` looks at: the alias, and in the last pass the name that became of it. */
  readonly host: string;
  /** HostName as far as it is known at this block. */
  readonly hostName: string;
  /** User as far as it is known at this block. */
  readonly user: string;
  readonly localUser: string;
  /** Whether the files are gone through for the last time, with the name that became of the alias. */
  readonly isFinal: boolean;
  readonly tag: string;
  /** `shell`, `exec`, `subsystem` or `none`. */
  readonly sessionType: string;
  readonly remoteCommand: string;
  /** `OpenSSH_9.2p1`; empty where there is no ssh. */
  readonly version: string;
  readonly localAddresses: () => readonly string[];
}

/** A command that `Match exec` wants to be run; its tokens are not expanded yet. */
export interface MatchCommand {
  readonly command: string;
  readonly negated: boolean;
}

/** A condition of a block. */
export interface Guard {
  readonly holds: (subject: Subject) => boolean;
  /** Each must end with 0 (negated: with another code), too. Asked only where `holds` does. */
  readonly commands: readonly MatchCommand[];
  /** Names for which alone it can hold; undefined if only `holds` can tell. */
  readonly names: readonly string[] | undefined;
  /** Patterns of a `Host` line. */
  readonly patterns: readonly string[];
}

/** `Host a *.b !c`. */
export function hostGuard(patterns: readonly string[]): Guard {
  const plain = patterns.every(pattern => !isWildcard(pattern) && !pattern.startsWith('!'));
  // What stands before the first wildcard tells most hosts apart.
  const beginnings = patterns
    .filter(pattern => !pattern.startsWith('!'))
    .map(pattern => /^[^*?]*/.exec(pattern)?.[0] ?? '');
  return {
    holds: ({ host }) => beginnings.some(beginning => host.startsWith(beginning)) && matchesPatternList(patterns, host),
    commands: [],
    names: plain ? patterns : undefined,
    patterns,
  };
}

/** A `Match` line, taken apart. */
export interface Match {
  readonly guard: Guard;
  /** Whether it asks for a second pass over the files. */
  readonly isFinal: boolean;
  /** Criteria that not every OpenSSH has, each as a line of its own: only the installed ssh can tell if it takes them. */
  readonly recent: readonly string[];
}

type Condition = (subject: Subject) => boolean;

/** `Match host *.example.com !user root`: every criterion must hold. */
export function parseMatch(rest: string): Match | { readonly problem: string } {
  const conditions: Condition[] = [];
  const commands: MatchCommand[] = [];
  let isFinal = false;
  const recent: string[] = [];
  let left: string | undefined = rest;
  const next = (): string => {
    const taken = left === undefined ? undefined : takeWord(left);
    left = taken?.rest;
    return taken?.word ?? '';
  };
  let attributes = 0;
  for (let word = next(); word !== '' && !word.startsWith('#'); word = next()) {
    const negated = word.startsWith('!');
    const name = word.slice(negated ? 1 : 0).toLowerCase();
    if (name === 'all') {
      const behind = next();
      if (attributes > 1 || (behind !== '' && !behind.startsWith('#')))
        return { problem: `Match: ${word} stands alone` };
      conditions.push(() => !negated);
      return matchOf({ conditions, commands, isFinal, recent });
    }
    attributes += 1;
    if (name === 'canonical' || name === 'final') {
      isFinal ||= name === 'final';
      conditions.push(subject => subject.isFinal !== negated);
      continue;
    }
    const argument = next();
    const mayBeEmpty = name === 'tagged' || name === 'command';
    if (argument.startsWith('#') || (argument === '' && !mayBeEmpty))
      return { problem: `Match ${name} without argument` };
    if (recentCriteria.has(name)) recent.push(`Match ${name} "${argument}"\n`);
    if (name === 'exec') {
      const expansion = expandTokens(argument, letter => (execTokens.includes(letter) ? '' : undefined));
      if ('problem' in expansion) return { problem: `Match exec: ${expansion.problem}` };
      commands.push({ command: argument, negated });
      continue;
    }
    const condition = conditionOf(name, argument);
    if (condition === undefined) return { problem: `ssh knows no Match ${name} "${argument}"` };
    conditions.push(subject => condition(subject) !== negated);
  }
  if (attributes === 0) return { problem: 'match without argument' };
  return matchOf({ conditions, commands, isFinal, recent });
}

/** OpenSSH 9.4 and later. */
const recentCriteria = new Set(['localnetwork', 'tagged', 'version', 'sessiontype', 'command']);

/** Letters that stand for something in the command of `Match exec`. */
export const execTokens = 'CLdhiklnprju';

interface Parts {
  readonly conditions: readonly Condition[];
  readonly commands: readonly MatchCommand[];
  readonly isFinal: boolean;
  readonly recent: readonly string[];
}

const matchOf = ({ conditions, commands, isFinal, recent }: Parts): Match => ({
  guard: {
    holds: subject => conditions.every(holds => holds(subject)),
    commands,
    names: undefined,
    patterns: [],
  },
  isFinal,
  recent,
});

/** Names are compared in lower case, users as they are: match_hostname(), match_pattern_list(). */
function conditionOf(name: string, argument: string): Condition | undefined {
  const patterns = argument.split(',');
  const lowered = argument.toLowerCase().split(',');
  switch (name) {
    case 'host':
      return ({ hostName }) => matchesPatternList(lowered, hostName.toLowerCase());
    case 'originalhost':
      return ({ alias }) => matchesPatternList(lowered, alias.toLowerCase());
    case 'user':
      return ({ user }) => matchesPatternList(patterns, user);
    case 'localuser':
      return ({ localUser }) => matchesPatternList(patterns, localUser);
    case 'tagged':
      return ({ tag }) => matchesText(argument, tag);
    case 'command':
      return ({ remoteCommand }) => matchesText(argument, remoteCommand);
    case 'version':
      return ({ version }) => matchesPatternList(patterns, version);
    case 'sessiontype':
      return ({ sessionType }) => matchesPatternList(lowered, sessionType);
    case 'localnetwork':
      return isNetworkList(patterns) ? ({ localAddresses }) => matchesNetworks(patterns, localAddresses()) : undefined;
    default:
      return undefined;
  }
}

/** An empty pattern stands for an empty text alone. */
const matchesText = (argument: string, text: string): boolean =>
  argument === '' ? text === '' : matchesPatternList(argument.split(','), text);
