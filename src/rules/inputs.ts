import type { Facts } from '../model/facts.ts';
import { ok, type Reading } from '../model/reading.ts';
import {
  type BootSettings,
  type CounterReading,
  type CounterSource,
  counter,
  type SocketTable,
  setting,
} from '../model/snapshot.ts';

/** One thing a rule reads, under the name that people know it by. */
export interface Input<T> {
  readonly name: string;
  readonly read: (facts: Facts) => Reading<T>;
}

/** A running sysctl value by dotted key. Absent from a readable kernel: the rule does not apply. */
export const settingOf = (key: string): Input<string> => ({
  name: key,
  read: ({ snapshot }) => setting(snapshot, key),
});

/** A counter with its rate between the samples. */
export const counterOf = (source: CounterSource, field: string): Input<CounterReading> => ({
  name: field,
  read: ({ snapshot }) => counter(snapshot, source, field),
});

/** What the sysctl files of the host set at the next boot. */
export const bootFiles: Input<BootSettings> = { name: 'sysctl files', read: ({ snapshot }) => snapshot.boot };

/** Listeners, half-open requests, peers and destinations. */
export const socketTable: Input<SocketTable> = { name: 'sockets', read: ({ snapshot }) => snapshot.sockets };

/** An input that may be missing: the rule is given the reading and says what its absence means. */
export const optional = <T>({ name, read }: Input<T>): Input<Reading<T>> => ({
  name,
  read: facts => ok(read(facts)),
});
