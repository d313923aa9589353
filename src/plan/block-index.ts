/** Which blocks of ssh_config may hold for a name, without a look at all of them. */
import type { Block } from './ssh-config.ts';

/** Blocks for plain names are found in a map; only the others are looked at for every host. */
export function indexBlocks(blocks: readonly Block[]): (host: string) => readonly Block[] {
  const always: number[] = [];
  const byName = new Map<string, number[]>();
  for (const [index, { guards, entries }] of blocks.entries()) {
    if (entries.length === 0) continue;
    const names = guards.find(guard => guard.names !== undefined)?.names;
    if (names === undefined) always.push(index);
    else for (const name of new Set(names)) addTo(byName, name, index);
  }
  const chosen = (indexes: readonly number[]): readonly Block[] => indexes.flatMap(index => blocks[index] ?? []);
  const alwaysBlocks = chosen(always);
  return host => {
    const named = byName.get(host);
    return named === undefined ? alwaysBlocks : chosen(merged(always, named));
  };
}

function addTo(map: Map<string, number[]>, name: string, index: number): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, [index]);
  else known.push(index);
}

/** Two ascending lists as one. */
function merged(some: readonly number[], others: readonly number[]): readonly number[] {
  const all: number[] = [];
  let at = 0;
  for (const other of others) {
    for (let one = some[at]; one !== undefined && one < other; one = some[++at]) all.push(one);
    all.push(other);
  }
  return all.concat(some.slice(at));
}
