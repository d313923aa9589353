/** When a block of ssh_config holds: `Host` patterns, and the criteria of `Match` that need nothing but the plan. */
import { isWildcard, matchesPatternList } from '../text/wildcard.ts';

/** What criteria look at while the blocks are applied in order. */
export interface Subject {
  /** As given on the command line or in the inventory. */
  readonly alias: string;
  /** HostName as far as it is known at this block. */
  readonly hostName: string;
  /** User as far as it is known at this block. */
  readonly user: string;
  readonly localUser: string;
}

/** A condition of a block. */
export interface Guard {
  readonly holds: (subject: Subject) => boolean;
  /** Names for which alone it can hold; undefined if only `holds` can tell. */
  readonly names: readonly string[] | undefined;
  /** Patterns of a `Host` line. */
  readonly patterns: readonly string[];
  /** The criterion that is not supported; such a guard never holds. */
  readonly unsupported?: string;
}

/** `Host a *.b !c`. */
export function hostGuard(patterns: readonly string[]): Guard {
  const plain = patterns.every(pattern => !isWildcard(pattern) && !pattern.startsWith('!'));
  return {
    holds: ({ alias }) => matchesPatternList(patterns, alias),
    names: plain ? patterns : undefined,
    patterns,
  };
}

const textOf: Readonly<Record<string, (subject: Subject) => string>> = {
  host: subject => subject.hostName,
  originalhost: subject => subject.alias,
  user: subject => subject.user,
  localuser: subject => subject.localUser,
};

/** `Match host *.example.com !user root`: every criterion must hold. `canonical` and `final` mean a second pass. */
export function matchGuard(args: readonly string[]): Guard {
  const conditions: ((subject: Subject) => boolean)[] = [];
  for (let at = 0; at < args.length; at++) {
    const [, negation, name = '', attached] = /^(!?)([^=]*)(?:=(.*))?$/s.exec(args[at]?.toLowerCase() ?? '') ?? [];
    const negated = negation === '!';
    if (name === 'all') {
      conditions.push(() => !negated);
      continue;
    }
    const text = textOf[name];
    const list = attached === undefined ? args[++at] : args[at]?.slice(args[at]?.indexOf('=') ?? 0).slice(1);
    if (text === undefined || list === undefined) {
      return { holds: () => false, names: undefined, patterns: [], unsupported: name };
    }
    const patterns = list.split(',');
    conditions.push(subject => matchesPatternList(patterns, text(subject)) !== negated);
  }
  return { holds: subject => conditions.every(holds => holds(subject)), names: undefined, patterns: [] };
}
