import { groupBy } from './group-by.ts';
import { expandItems, foldNumbers, type RangeItem, readItems, sizeOfItems } from './number-range.ts';

/** More names than this from one pattern is a slip of the keyboard (`web[1-1000000]`), and would only cost memory. */
const maxNamesPerPattern = 100_000;

/** A pattern that was understood: how many names it stands for, and the names themselves when asked. */
export interface HostSet {
  readonly size: number;
  /** In the order of the pattern; the last bracket counts fastest. */
  names(): string[];
}

/** Why a pattern is no host set. */
export interface HostSetProblem {
  readonly problem: string;
  /** In the pattern, from 1. */
  readonly column: number;
}

/** `[2001:db8::1]` is an address: no range has two colons in a row, or more than the two of `[01:40:2]`. */
const bracketedIpv6 = /^\[(?=[^\],]*(?:::|:[^\],]*:[^\],]*:))[0-9a-fA-F:.]+(?:%[^\]]*)?\]/;

/**
 * Reads a pattern of names with ranges: `web[01-40]`, `web[01-40,42].example.com`, `[01:40:2]` (with a step), `db[a-f]`, any
 * number of brackets. Leading zeros of a start pad all numbers of its range. Nothing is expanded yet.
 */
export function readHostSet(pattern: string): HostSet | HostSetProblem {
  if (!/[[\]]/.test(pattern)) return { size: 1, names: () => [pattern] };
  const parts: (string | readonly RangeItem[])[] = [];
  let rest = bracketedIpv6.exec(pattern)?.[0].length ?? 0;
  parts.push(pattern.slice(0, rest));
  let size = 1;
  while (rest < pattern.length) {
    const open = pattern.slice(rest).search(/[[\]]/) + rest;
    if (open < rest) break;
    if (pattern[open] === ']') return { problem: '"]" without "["', column: open + 1 };
    const close = pattern.indexOf(']', open);
    if (close < 0) return { problem: '"[" without "]"', column: open + 1 };
    const items = readItems(pattern.slice(open + 1, close));
    if ('problem' in items) return { problem: items.problem, column: open + 2 + items.offset };
    parts.push(pattern.slice(rest, open), items);
    size *= sizeOfItems(items);
    if (size > maxNamesPerPattern) return { problem: tooMany(size), column: open + 1 };
    rest = close + 1;
  }
  parts.push(pattern.slice(rest));
  return { size, names: () => product(parts) };
}

const tooMany = (size: number): string =>
  `the ranges stand for ${size.toLocaleString('en-US')} names; at most 100,000 are allowed in one pattern`;

function product(parts: readonly (string | readonly RangeItem[])[]): string[] {
  let names = [''];
  for (const part of parts) {
    const endings = typeof part === 'string' ? [part] : expandItems(part);
    names = names.flatMap(name => endings.map(ending => name + ending));
  }
  return names;
}

/** Cuts a list of patterns at its commas, but not at those inside brackets. Spaces around patterns are dropped. */
export const splitPatterns = (list: string): string[] =>
  Array.from(list.matchAll(/(?:[^,[]|\[[^\]]*)+/g), ([pattern]) => pattern.trim()).filter(pattern => pattern !== '');

/**
 * All names of a pattern, or of a list of patterns with commas between them; the inverse of `foldHosts`.
 * Throws: RangeError that names the pattern and the column, before more than 100,000 names are made from one pattern.
 */
export function expandHosts(pattern: string): string[] {
  return splitPatterns(pattern).flatMap(part => {
    const set = readHostSet(part);
    if ('problem' in set) throw new RangeError(`host pattern "${part}", column ${set.column}: ${set.problem}`);
    return set.names();
  });
}

/** A name cut into text and numbers: `texts` has one element more than `numbers`. */
interface Shape {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
}

/** 15 digits are the most that a double holds exactly. */
const digits = /(\d{1,15})/;

function shapeOf(name: string): Shape {
  const parts = name.split(digits);
  return { texts: parts.filter((_, i) => i % 2 === 0), numbers: parts.filter((_, i) => i % 2 === 1) };
}

function compareShapes(a: Shape, b: Shape): number {
  for (let i = 0; i < Math.min(a.texts.length, b.texts.length); i++) {
    const [textA, textB] = [a.texts[i] ?? '', b.texts[i] ?? ''];
    if (textA !== textB) return textA < textB ? -1 : 1;
    const [numberA, numberB] = [a.numbers[i] ?? '', b.numbers[i] ?? ''];
    const difference = Number(numberA) - Number(numberB) || numberA.length - numberB.length;
    if (difference !== 0) return difference;
  }
  return a.texts.length - b.texts.length;
}

/** Natural order, for sorting: `web2` before `web10`, `web2` before `web02`. */
export const compareHostNames = (a: string, b: string): number => compareShapes(shapeOf(a), shapeOf(b));

/**
 * The shortest usual writing of many names: `web01 web02 web04` becomes `web[01-02,04]`, several patterns are joined by
 * commas, in natural order. `expandHosts` gives the same set back, provided no name holds a bracket or a comma.
 */
export function foldHosts(names: readonly string[]): string {
  const shapes = [...new Set(names)].map(shapeOf).sort(compareShapes);
  const alike = groupBy(shapes, shape => shape.texts.join('\0'));
  return [...alike.values()].flatMap(foldAlike).join(',');
}

/** Folds names that differ in their numbers only. The number with most values goes first: `web[01-40].dc1`, not `web01.dc[1-2]`. */
function foldAlike(shapes: readonly Shape[]): string[] {
  const texts = shapes[0]?.texts ?? [];
  let rows = shapes.map(shape => shape.numbers);
  const values = (dimension: number): number => new Set(rows.map(row => row[dimension])).size;
  const dimensions = [...Array(texts.length - 1).keys()].map(dimension => ({ dimension, count: values(dimension) }));
  for (const { dimension, count } of dimensions.sort((a, b) => b.count - a.count)) {
    if (count > 1) rows = foldDimension(rows, dimension);
  }
  return rows.map(row => texts.map((text, i) => text + (row[i] ?? '')).join(''));
}

/** Joins rows that are equal but for one number. Folded numbers are canonical text, so equal text means equal sets. */
function foldDimension(rows: readonly (readonly string[])[], dimension: number): (readonly string[])[] {
  const groups = groupBy(rows, row => row.toSpliced(dimension, 1).join('\0'));
  return [...groups.values()].map(group => {
    const numbers = group.map(row => row[dimension] ?? '');
    return (group[0] ?? []).with(dimension, foldNumbers(numbers));
  });
}
