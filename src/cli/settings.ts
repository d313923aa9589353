import { readFileSync } from 'node:fs';
import { canonicalCidr, hostNetwork, isAddress, whyNotCidr } from '../inventory/cidr.ts';
import { type Complaint, InputError } from '../model/input-error.ts';
import type { HostKeyMode } from '../model/plan.ts';
import { type Severity, severities } from '../model/rule.ts';
import type { Profile } from '../model/run.ts';
import { parseDuration } from '../text/duration.ts';
import { nearest } from '../text/nearest.ts';
import { type FlagName, flags, type RawOptions } from './flags.ts';

/** Reads raw options one by one and gathers everything that is wrong with them, so that people see it all at once. */
export interface OptionReader {
  text(name: FlagName): string | undefined;
  list(name: FlagName): readonly string[];
  isOn(name: FlagName): boolean;
  integer(name: FlagName, range: { readonly min: number; readonly max: number }): number | undefined;
  /** Unit: ms. */
  duration(name: FlagName): number | undefined;
  choice<T extends string>(name: FlagName, choices: readonly T[]): T | undefined;
  complain(complaint: string): void;
  /** Throws InputError if anything was wrong. */
  done(): void;
}

export function readOptions(options: RawOptions): OptionReader {
  const complaints: Complaint[] = [];
  const complain = (message: string) => void complaints.push({ message });
  const text = (name: FlagName) => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  const parsed = <T>(name: FlagName, expected: string, parse: (value: string) => T | undefined) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const result = parse(value);
    if (result === undefined) complain(`${longFlag(name)}: expected ${expected}, got "${value}"`);
    return result;
  };
  return {
    text,
    list: name => {
      const value = options[name];
      return Array.isArray(value) ? value : [];
    },
    isOn: name => options[name] === true,
    integer: (name, { min, max }) =>
      parsed(name, `a whole number from ${min} to ${max}`, value => {
        const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
        return number >= min && number <= max ? number : undefined;
      }),
    duration: name =>
      parsed(name, 'a duration above 0, like 5, 500ms, 5s or 2m', value => {
        const ms = parseDuration(value);
        return ms !== undefined && ms > 0 && ms <= longestTimerMs ? ms : undefined;
      }),
    choice: (name, choices) => {
      const expected = `one of ${choices.join(', ')}${suggestion(text(name), choices)}`;
      return parsed(name, expected, value => choices.find(choice => choice === value));
    },
    complain,
    done() {
      if (complaints.length > 0) throw new InputError(complaints);
    },
  };
}

function suggestion(typed: string | undefined, choices: readonly string[]): string {
  const near = typed === undefined ? undefined : nearest(typed, choices);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

/** Longest delay of a timer in Node; beyond it fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** `--max-open` of `maxOpen`, for messages. */
export const longFlag = (name: FlagName): string => /--[a-z-]+/.exec(flags[name].spec)?.[0] ?? name;

export interface VerdictSettings {
  readonly profile: Profile;
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
  readonly client?: string;
}

export function verdictSettings(read: OptionReader): VerdictSettings {
  return {
    profile: read.choice('profile', ['audit', 'readiness']) ?? 'audit',
    failOn: read.choice('failOn', [...severities, 'never'] as const) ?? 'high',
    allowIncomplete: read.isOn('allowIncomplete'),
    ...clientSetting(read),
  };
}

/** `--client`: a network, or one address, which is the network of that alone. */
function clientSetting(read: OptionReader): { readonly client?: string } {
  const typed = read.text('client');
  if (typed === undefined) return {};
  const cidr = isAddress(typed) ? hostNetwork(typed) : typed;
  const problem = whyNotCidr(cidr);
  if (problem !== undefined) read.complain(`--client: ${problem}`);
  return problem === undefined ? { client: canonicalCidr(cidr) } : {};
}

export interface VisitSettings {
  readonly intervalSeconds: number;
  readonly concurrency: number;
  readonly maxOpen: number;
  readonly sockets: 'bounded' | 'all';
  readonly runTimeoutMs: number | undefined;
}

/** An hour: a longer watch is a matter of two runs, whose counters are compared as well. */
const longestIntervalSeconds = 3_600;

export function visitSettings(read: OptionReader): VisitSettings {
  return {
    intervalSeconds: intervalSetting(read),
    concurrency: read.integer('concurrency', { min: 1, max: 10_000 }) ?? 64,
    maxOpen: read.integer('maxOpen', { min: 1, max: 100_000 }) ?? defaultMaxOpen(),
    sockets: socketsSetting(read),
    runTimeoutMs: read.duration('runTimeout'),
  };
}

/** Unit: s. */
export const intervalSetting = (read: OptionReader): number =>
  read.integer('interval', { min: 0, max: longestIntervalSeconds }) ?? 2;

export const socketsSetting = (read: OptionReader): 'bounded' | 'all' =>
  read.choice('sockets', ['bounded', 'all']) ?? 'bounded';

export const hostKeyMode = (read: OptionReader): HostKeyMode | undefined =>
  read.choice('hostKeys', ['strict', 'accept-new', 'off']);

/** Half the descriptors, as some go to files, hops and the agent. Node has no getrlimit; Linux tells in /proc. */
function defaultMaxOpen(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? 1_024 : Math.max(1, Math.min(1_024, Math.floor(Number(soft) / 2)));
  } catch {
    return 256; // macOS gives 256 descriptors by default, which Node raises where it may
  }
}
