/** Values of ssh_config: what each form takes, what it refuses, and how `ssh -G` prints it. readconf.c, misc.c. */
import type { ConfigLine } from './config-line.ts';
import { parseJump } from './jump.ts';
import { expandVariables, type Variable } from './tokens.ts';

/** A value as `ssh -G` prints it, before `~` and tokens are expanded. A list for what may be several. */
export type ConfigValue = string | readonly string[];

export type ReadValue = { readonly value: ConfigValue } | { readonly problem: string };

/** What the machine may have to say about a value. */
export interface ValueTools {
  readonly variable: Variable;
  /** Port of a TCP service by name, getservbyname(3); undefined if there is none. */
  readonly servicePort: (name: string) => number | undefined;
}

/** One form of value. */
export type ValueReader = (line: ConfigLine, tools: ValueTools) => ReadValue;

/** One argument and no more; `convert` gives undefined for what it does not take. */
const one =
  (convert: (arg: string, tools: ValueTools) => string | undefined): ValueReader =>
  ({ keyword, args }, tools) => {
    const [arg, ...others] = args;
    if (arg === undefined || arg === '') return { problem: `${keyword} without argument` };
    const value = convert(arg, tools);
    if (value === undefined) return { problem: `bad ${keyword} "${arg}"` };
    return others.length > 0 ? { problem: `${keyword} takes one argument, not ${args.length}` } : { value };
  };

/** Any text. */
export const text: ValueReader = one(arg => arg);

/** One of some words, in any case; the second of each pair is what `ssh -G` prints. */
export const choice = (words: Readonly<Record<string, string>>): ValueReader => {
  const table = new Map(Object.entries(words));
  return one(arg => table.get(arg.toLowerCase()));
};

export const flag: ValueReader = choice({ true: 'yes', false: 'no', yes: 'yes', no: 'no' });

/** strtonum() from 0 to INT_MAX. */
export const integer: ValueReader = one(arg => {
  const number = /^\+?\d{1,10}$/.test(arg) ? Number(arg) : Number.NaN;
  return number <= maxInt ? String(number) : undefined;
});

const maxInt = 2 ** 31 - 1;

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `1h30m` in seconds: convtime() of misc.c. */
export function timeSeconds(arg: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(arg)) return undefined;
  let total = 0;
  for (const [, digits, unit = ''] of arg.matchAll(/(\d+)([smhdw]?)/gi)) {
    total += Number(digits) * (unitSeconds[unit.toLowerCase()] ?? 1);
  }
  return total <= maxInt ? total : undefined;
}

export const time: ValueReader = one(arg => (arg === 'none' ? 'none' : timeSeconds(arg)?.toString()));

/** A number from 1, or the name of a service. */
export const port: ValueReader = one((arg, { servicePort }) => {
  const number = /^\+?\d{1,8}$/.test(arg) ? Number(arg) : (servicePort(arg) ?? 0);
  return number >= 1 && number <= 65_535 ? String(number) : undefined;
});

/** A path or `$NAME`; `${NAME}` must be set already when the file is read. */
export const agentPath: ValueReader = one((arg, { variable }) => {
  if ('problem' in expandVariables(arg, variable)) return undefined;
  return /^\$(?!\{)/.test(arg) && !/^\$\w+$/.test(arg) ? undefined : arg;
});

/** The rest of the line, quotes and all. */
export const command: ValueReader = ({ rest }) => ({ value: rest.replace(/^[ \t\r\n=]+/, '') });

export const jump: ValueReader = ({ keyword, rest }, { servicePort }) => {
  const value = rest.replace(/^[ \t\r\n=]+/, '').replace(/\s*#.*$/s, '');
  const hops = parseJump(value, servicePort);
  return hops === undefined ? { problem: `bad ${keyword} "${value}"` } : { value };
};

/** Several values; `none` only alone. `convert` as for one. */
export const list =
  (limit: number, convert: (arg: string) => string | undefined): ValueReader =>
  ({ keyword, args }) => {
    const value: string[] = [];
    for (const arg of args) {
      if (arg === '') return { problem: `${keyword} with an empty argument` };
      if (arg.toLowerCase() === 'none' && args.length > 1) return { problem: `${keyword}: none must stand alone` };
      const converted = convert(arg);
      if (converted === undefined) return { problem: `bad ${keyword} "${arg}"` };
      value.push(converted);
    }
    return value.length > limit ? { problem: `${keyword} takes ${limit} arguments at most` } : { value };
  };

export const files: ValueReader = list(32, arg => arg);

/** valid_domain() of misc.c: lower case, without the dot at the end. */
export const domains: ValueReader = list(32, arg =>
  /^[a-z0-9](?:[a-z0-9_-]|\.(?!\.))*$/i.test(arg) ? arg.toLowerCase().replace(/\.$/, '') : undefined,
);

/** `*.a:*.b`, `*` for all, or `none`. */
export const canonicalNames: ValueReader = list(32, arg => {
  if (arg.toLowerCase() === 'none') return 'none';
  if (arg === '*') return '*:*';
  return /^[^:]*:./.test(arg) ? arg.toLowerCase() : undefined;
});

/** What ssh takes without a look, or this program leaves to ssh. */
export const anything: ValueReader = ({ args }) => ({ value: args });

/** At least one argument that fits. */
export const words =
  (fits: RegExp): ValueReader =>
  ({ keyword, args }) => {
    const bad = args.find(arg => !fits.test(arg));
    return bad === undefined ? { value: args } : { problem: `bad ${keyword} "${bad}"` };
  };

/** `fits` decides on the arguments together. */
export const sequence =
  (fits: RegExp): ValueReader =>
  ({ keyword, args }) =>
    fits.test(args.join(' ')) ? { value: args } : { problem: `bad ${keyword} "${args.join(' ')}"` };
