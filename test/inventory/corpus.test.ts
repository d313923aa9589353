import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { InputError } from '../../src/model/input-error.ts';
import { outcomes } from './corpus-outcomes.ts';

/** Inventories of other programs, as people publish them. Not part of this repository. */
const corpus = fileURLToPath(new URL('../../../shared/corpus/inventories/', import.meta.url));

const files = existsSync(corpus)
  ? readdirSync(corpus, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name !== 'SOURCES.tsv')
      .map(entry => relative(corpus, `${entry.parentPath}/${entry.name}`))
      .sort()
  : [];

/** How many hosts a file has, or the first complaint about it. */
function outcomeOf(file: string): number | string {
  try {
    return loadInventory([{ file: 'f', text: readFileSync(corpus + file, 'utf8') }], { isSshAlias: () => false }).hosts
      .length;
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n')[0] ?? '';
    throw error;
  }
}

describe.skipIf(files.length === 0)('inventories of other programs (skipped without ../shared/corpus)', () => {
  it('are all known here', () => {
    expect(files).toEqual(Object.keys(outcomes).sort());
  });

  it.each(files)('%s loads, or is refused for a true reason with its line', file => {
    expect(outcomeOf(file)).toBe(outcomes[file]);
  });
});
