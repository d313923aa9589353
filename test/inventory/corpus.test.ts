import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { complaints } from './loading.ts';

/** Inventories of other programs, as people publish them. Not part of this repository. */
const corpus = new URL('../../../shared/corpus/inventories/', import.meta.url);

describe('inventories of other programs', () => {
  it.skipIf(!existsSync(corpus))('are hosts or complaints with a place (skipped without ../shared/corpus)', () => {
    const files = readdirSync(corpus, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    const read = files.map(file => complaints(readFileSync(`${file.parentPath}/${file.name}`, 'utf8')));
    expect(read.length).toBeGreaterThan(50);
    for (const line of read.flat()) expect(line).toMatch(/^a\.yaml:\d+:\d+: \S/);
    // Most are of formats that are not read; each of those says so once, instead of a complaint for each line.
    const refused = read.filter(lines => lines.some(line => line.endsWith('this is neither')));
    expect(refused.every(lines => lines.length === 1)).toBe(true);
    expect(refused.length).toBeGreaterThan(read.length / 2);
  });
});
