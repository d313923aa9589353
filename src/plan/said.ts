/** Values that remember where they came from. */
import type { Location } from '../model/host.ts';
import type { Entry } from './ssh-config.ts';

/** A value and what decided it: `flag --user`, `inventory.yaml:3:5`, `/home/x/.ssh/config:12`, `default`. */
export interface Said<T> {
  readonly value: T;
  readonly origin: string;
}

/** `inventory.yaml:3:5`; an argument of the command line has no line. */
export const originOf = ({ file, line, column }: Location): string =>
  file === 'command line' ? file : `${file}:${line}:${column}`;

/** A flag, if it was given. */
export const fromFlag = <T>(flag: string, value: T | undefined): Said<T> | undefined =>
  value === undefined ? undefined : { value, origin: `flag --${flag}` };

/** A value of the inventory, if it has one. */
export const fromInventory = <T>(value: T | undefined, origin: string): Said<T> | undefined =>
  value === undefined ? undefined : { value, origin };

/** What holds where nobody said anything. */
export const byDefault = <T>(value: T): Said<T> => ({ value, origin: 'default' });

/** What a flag or the inventory says, in the place of a line that stands before all files. */
export const givenEntry = (name: string, said: Said<string> | undefined): Entry[] =>
  said === undefined ? [] : [{ name, value: said.value, origin: said.origin, order: -1, isUsers: true }];
