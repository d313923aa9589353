/**
 * Names of counters in the order of their file. A fleet has a handful of kernels, so tables share their names: a step of
 * this tree is a name, a table ends at one of its nodes, and what a host costs is its numbers alone.
 */
class Layout {
  readonly #steps = new Map<string, Layout>();
  readonly #parent: Layout | undefined;
  readonly #added: readonly string[];
  #names: readonly string[] | undefined;
  #positions: ReadonlyMap<string, number> | undefined;

  constructor(parent: Layout | undefined, added: readonly string[]) {
    this.#parent = parent;
    this.#added = added;
  }

  /** The layout with more names behind; `step` stands for them and is never taken for other names. */
  followedBy(step: string, added: () => readonly string[]): Layout {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const next = new Layout(this, added());
    // Hostile hosts could print new names for ever; beyond the bound layouts are made and not remembered.
    if (Layout.#kept < layoutsKept) {
      Layout.#kept += 1;
      this.#steps.set(step, next);
    }
    return next;
  }

  /** Gathered here alone: a list at every step would be as long as the square of the names, and calls as deep as they are many. */
  get names(): readonly string[] {
    if (this.#names === undefined) {
      const added: (readonly string[])[] = [];
      for (let layout: Layout | undefined = this; layout !== undefined; layout = layout.#parent)
        added.push(layout.#added);
      this.#names = added.reverse().flat();
    }
    return this.#names;
  }

  /** The last position of a name: a name that comes twice counts as it stood last. */
  get positions(): ReadonlyMap<string, number> {
    this.#positions ??= new Map(this.names.map((name, position) => [name, position]));
    return this.#positions;
  }

  static #kept = 0;
}

const layoutsKept = 20_000;
const root = new Layout(undefined, []);

/** Counters by the name the kernel prints: `TcpExt.PAWSPassive`, `Tcp.PassiveOpens`, `Ip6InReceives`. */
export class CounterTable {
  #layout = root;
  readonly #values: number[] = [];

  /** From names and values, for facts that no parser made. */
  static of(entries: Iterable<readonly [string, number]>): CounterTable {
    const table = new CounterTable();
    for (const [name, value] of entries) table.add(name, value);
    return table;
  }

  add(name: string, value: number): void {
    this.#layout = this.#layout.followedBy(name, () => [name]);
    this.#values.push(value);
  }

  /** Adds many names at once, known by the line they stand on; as many values must be appended to the returned array. */
  addLine(line: string, names: () => readonly string[]): number[] {
    this.#layout = this.#layout.followedBy(line, names);
    return this.#values;
  }

  get(name: string): number | undefined {
    const position = this.#layout.positions.get(name);
    return position === undefined ? undefined : this.#values[position];
  }

  has(name: string): boolean {
    return this.#layout.positions.has(name);
  }

  get size(): number {
    return this.#values.length;
  }

  /** One array for all tables of a layout, so that it can be told by identity. */
  get names(): readonly string[] {
    return this.#layout.names;
  }

  /** In the order of `names`. */
  get values(): readonly number[] {
    return this.#values;
  }

  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.names.map((name, position): [string, number] => [name, this.#values[position] as number]).values();
  }
}
