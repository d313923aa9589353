import { maxNames } from './bounds.ts';

/** The hosts of one written pattern. */
export interface ExpandedPattern {
  readonly names: readonly string[];
  readonly port?: number;
}

/** Why a pattern stands for no hosts. */
export interface PatternProblem {
  readonly problem: string;
}

/**
 * Hosts of a pattern as Ansible writes it: `db[01:10:3]-node.example.com:2222`, any number of ranges, `[2001:db8::1]:22`.
 * Source: `parse_address` in lib/ansible/parsing/utils/addresses.py, `expand_hostname_range` in
 * lib/ansible/plugins/inventory/__init__.py (ansible-core 2.14).
 */
export function expandPattern(written: string): ExpandedPattern | PatternProblem {
  if (written.endsWith(':') && !written.endsWith('::')) {
    return { problem: 'a host name ends in ":"; a port belongs behind it' };
  }
  const [, bracketed, plain, port] = hostAndPort.exec(written) ?? [];
  const pattern = bracketed ?? plain ?? written;
  const names = expandRanges(pattern, { budget: maxNames });
  if ('problem' in names) return names;
  return port === undefined ? { names } : { names, port: Number(port) };
}

/** `[2001:db8::1]:22`; or a name and a port, where colons of the name stand inside of ranges. */
const hostAndPort = /^(?:\[([^[\]]+)\]|((?:[^:[\]]|\[[^\]]*\])*)):(\d{1,9})$/;

/** Ranges of one pattern, from the left: deeper nesting than anybody writes is refused before it costs anything. */
const maxRanges = 8;

interface Limits {
  readonly budget: number;
}

function expandRanges(pattern: string, { budget }: Limits): string[] | PatternProblem {
  let names = [''];
  let rest = pattern;
  for (let ranges = 0; rest.includes('['); ranges += 1) {
    const [, head = '', inside, tail = ''] = /^([^[]*)\[([^\]]*)\](.*)$/s.exec(rest) ?? [];
    if (inside === undefined) return { problem: `"[" without "]" in ${JSON.stringify(pattern.slice(0, 80))}` };
    if (ranges === maxRanges) return { problem: `more than ${maxRanges} ranges in one name` };
    const values = readRange(inside, budget);
    if ('problem' in values) return values;
    if (names.length * values.length > budget) return { problem: tooMany() };
    names = names.flatMap(name => values.map(value => name + head + value));
    rest = tail;
  }
  return names.map(name => name + rest);
}

// made when needed: the first toLocaleString() of a process takes 15 ms
const tooMany = (): string => `the ranges stand for more than ${maxNames.toLocaleString('en-US')} names`;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `01:40`, `:9` (from 0), `1:9:2`, `a:f`; both ends are in it. */
function readRange(text: string, budget: number): string[] | PatternProblem {
  const bounds = text.split(':');
  const [begin = '', end = '', stepText = '1'] = bounds;
  if (bounds.length !== 2 && bounds.length !== 3) {
    return { problem: `expected a range such as [1:40] or [1:40:2], found "[${text.slice(0, 40)}]"` };
  }
  if (end === '') return { problem: `the range "[${text.slice(0, 40)}]" has no end` };
  if (!/^\d{1,9}$/.test(stepText) || Number(stepText) === 0) {
    return { problem: `the range "[${text.slice(0, 40)}]" has no usable step` };
  }
  return valuesOf(begin === '' ? '0' : begin, { end, step: Number(stepText), text, budget });
}

interface RangeEnd extends Limits {
  readonly end: string;
  readonly step: number;
  readonly text: string;
}

function valuesOf(begin: string, { end, step, text, budget }: RangeEnd): string[] | PatternProblem {
  const [first, last] = [letters.indexOf(begin), letters.indexOf(end)];
  if (begin.length === 1 && end.length === 1 && first >= 0 && last >= 0) {
    if (first > last) return { problem: `the range "[${text}]" runs backwards` };
    return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => letters.charAt(first + i * step));
  }
  if (!/^\d{1,15}$/.test(begin) || !/^\d{1,15}$/.test(end)) {
    return { problem: `expected two numbers or two letters in the range "[${text.slice(0, 40)}]"` };
  }
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) {
    return { problem: `the ends of the range "[${text}]" differ in length, and the first has leading zeros` };
  }
  const count = Math.max(0, Math.floor((Number(end) - Number(begin)) / step) + 1);
  if (count > budget) return { problem: tooMany() };
  return Array.from({ length: count }, (_, i) =>
    String(Number(begin) + i * step).padStart(padded ? begin.length : 0, '0'),
  );
}
