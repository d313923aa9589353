import { loadInventory } from '../../src/inventory/load.ts';
import type { Inventory } from '../../src/model/host.ts';
import { InputError } from '../../src/model/input-error.ts';

/** Aliases that the ssh_config of these tests has. */
const aliases = ['jump', 'jump2'];

/** Loads one or more texts; files are called `a.yaml`, `b.yaml`, … */
export const load = (...texts: readonly string[]): Inventory =>
  loadInventory(
    texts.map((text, i) => ({ file: `${String.fromCharCode(97 + i)}.yaml`, text })),
    { isSshAlias: name => aliases.includes(name) },
  );

/** What is wrong with texts, as lines; empty if nothing is. */
export function complaints(...texts: readonly string[]): string[] {
  try {
    load(...texts);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n');
    throw error;
  }
}

/** The body of a file of our format. */
export const yaml = (body: string): string => `version: 1\n${body}`;
