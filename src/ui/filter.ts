import { allFindings } from '../model/run.ts';
import { isWildcard, matchesWildcard } from '../text/wildcard.ts';
import type { HostRow } from './host-row.ts';
import { rankOf, type Standing, standings } from './standing.ts';

/** A filter that was understood. */
export interface Filter {
  readonly text: string;
  readonly test: (row: HostRow) => boolean;
}

/** Why a text is no filter, in words for the line where it is typed. */
export interface FilterProblem {
  readonly problem: string;
}

export const noFilter: Filter = { text: '', test: () => true };

type Test = Filter['test'];
const operators = ['>=', '<=', '!=', '=', ':', '<', '>'] as const;
type Operator = (typeof operators)[number];

/** Beyond this nobody types; a paste must not cost a second per key. */
const longestFilter = 500;

/**
 * Reads a filter: terms apart by spaces, all of which must hold. A word is looked for in name, address, groups, kernel, system,
 * severity and verdict; `field OP value` compares, with or without spaces; `!` before a term inverts it; quotes keep spaces.
 *
 *     web !rule:rfc1337      sev>=high      group:web      kernel<4.12      drops>0      is:changed
 */
export function parseFilter(text: string): Filter | FilterProblem {
  if (text.length > longestFilter) return { problem: `longer than ${longestFilter} characters` };
  const tests: Test[] = [];
  for (const [, bang = '', term = ''] of text.matchAll(/(!?)((?:"[^"]*"?|\s*(?:[<>]=?|!?=|:)\s*|[^\s"])+)/g)) {
    const test = termTest(term);
    if (typeof test !== 'function') return test;
    tests.push(bang === '' ? test : row => !test(row));
  }
  const [only = noFilter.test] = tests;
  return { text: text.trim(), test: tests.length < 2 ? only : row => tests.every(test => test(row)) };
}

function termTest(term: string): Test | FilterProblem {
  const [, name, operator, rawValue] = /^([a-z]+)\s*(>=|<=|!=|=|:|<|>)\s*(.*)$/is.exec(term) ?? [];
  if (name === undefined || operator === undefined) return wordTest(unquoted(term));
  const field = fields[name.toLowerCase()];
  if (field === undefined) return { problem: `no field "${name}"; there are ${Object.keys(fields).join(' ')}` };
  const value = unquoted(rawValue ?? '');
  if (value === '') return { problem: `${name}${operator} what?` };
  return field(operator as Operator, value);
}

const unquoted = (text: string): string => text.replaceAll('"', '');

function wordTest(word: string): Test {
  const wanted = word.toLowerCase();
  if (!isWildcard(wanted)) return ({ searched }) => searched.includes(wanted);
  return ({ searched }) => searched.split('\n').some(text => matchesWildcard(wanted, text));
}

/** Without case: a wildcard covers the whole text, anything else is looked for inside it. */
function textMatcher(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (isWildcard(wanted)) return text => matchesWildcard(wanted, text.toLowerCase());
  return text => text.toLowerCase().includes(wanted);
}

type Field = (operator: Operator, value: string) => Test | FilterProblem;

/** A field of texts: `:` looks inside, `=` wants the whole. A host has as many texts as it has. */
const texts =
  (of: (row: HostRow) => readonly string[]): Field =>
  (operator, value) => {
    const inside = textMatcher(value);
    if (operator === ':') return row => of(row).some(inside);
    const whole = (text: string) => matchesWildcard(value.toLowerCase(), text.toLowerCase());
    if (operator === '=') return row => of(row).some(whole);
    if (operator === '!=') return row => !of(row).some(whole);
    return { problem: `this field is text: use : or = or !=, not ${operator}` };
  };

/** A field of numbers. A host without the number never matches: missing is not 0. */
const numbers =
  (of: (row: HostRow) => number | null): Field =>
  (operator, value) => {
    const wanted = Number(value);
    if (!Number.isFinite(wanted)) return { problem: `"${value}" is no number` };
    return row => {
      const number = of(row);
      return number !== null && holds(operator, number - wanted);
    };
  };

function holds(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '>=':
      return difference >= 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
    case '!=':
      return difference !== 0;
    default:
      return difference === 0;
  }
}

/** `sev>=high` is high and worse. */
const severity: Field = (operator, value) => {
  const wanted = standings.find(standing => standing.startsWith(value.toLowerCase())) as Standing | undefined;
  if (wanted === undefined) return { problem: `no severity "${value}"; there are ${standings.join(' ')}` };
  return ({ standing }) => {
    // a host that was not audited is neither better nor worse than another
    if (standing === 'lost' || wanted === 'lost') return holds(operator, 0) && standing === wanted;
    return holds(operator, rankOf(wanted) - rankOf(standing));
  };
};

/** Numbers of a release: `3.10.0-1160.el7` is 3, 10, 0, 1160. */
const release = (text: string): number[] =>
  (/^\d+(?:[.-]\d+)*/.exec(text)?.[0] ?? '')
    .split(/[.-]/)
    .filter(n => n !== '')
    .map(Number);

/** `kernel<4.12` compares by number; `kernel=3.10` is every 3.10; `kernel:el7` looks inside. */
const kernel: Field = (operator, value) => {
  const inside = textMatcher(value);
  if (operator === ':') return row => inside(row.result.kernel ?? '');
  const wanted = release(value);
  if (wanted.length === 0) return { problem: `"${value}" is no kernel version` };
  return ({ result }) => {
    const found = release(result.kernel ?? '');
    if (found.length === 0) return false;
    const at = wanted.findIndex((number, i) => number !== (found[i] ?? 0));
    return holds(operator, at < 0 ? 0 : (found[at] ?? 0) - (wanted[at] ?? 0));
  };
};

const states: Readonly<Record<string, Test>> = {
  changed: ({ changed }) => changed !== null,
  fault: ({ standing }) => standing !== 'ok' && standing !== 'info',
  waived: ({ result }) => allFindings(result).some(({ waived }) => waived !== null),
};

const is: Field = (_operator, value) => {
  const test = states[value.toLowerCase()];
  return test ?? { problem: `is: one of ${Object.keys(states).join(' ')}` };
};

const fields: Readonly<Record<string, Field>> = Object.assign(Object.create(null), {
  sev: severity,
  host: texts(({ name }) => [name]),
  group: texts(({ result }) => result.groups),
  kernel,
  os: texts(({ result }) => [result.os ?? '']),
  rule: texts(({ result }) => allFindings(result).map(({ rule }) => rule)),
  state: texts(({ result }) => allFindings(result).flatMap(({ state }) => state ?? [])),
  outcome: texts(({ result }) => [result.outcome]),
  cohort: texts(({ result }) => [result.cohort ?? '']),
  address: texts(({ result }) => [result.address]),
  drops: numbers(({ drops }) => drops),
  clients: numbers(({ result }) => result.clients?.connections ?? null),
  nat: numbers(({ nat }) => (nat.share === null ? null : nat.share * 100)),
  is,
});
