/** Why a source has no value. Absence is a fact about the host, never 0 and never a pass. */
export type AbsentWhy =
  | 'no-such-file'
  /** The file is there, the column or key is not: another kernel. */
  | 'not-in-this-kernel'
  | 'not-permitted'
  | 'command-missing'
  /** Nothing asked for it: `ingest` of a partial tree, or a bound was reached. */
  | 'not-collected';

/** What one source said: a value, a named absence, or bytes that make no sense. */
export type Reading<T> =
  | { readonly state: 'ok'; readonly value: T }
  | { readonly state: 'absent'; readonly why: AbsentWhy; readonly detail?: string }
  | { readonly state: 'malformed'; readonly why: string; readonly line?: number };

/** A reading that holds no value; assignable to `Reading<T>` for every T. */
export type NoReading = Exclude<Reading<never>, { state: 'ok' }>;

export const ok = <T>(value: T): Reading<T> => ({ state: 'ok', value });

export const absent = (why: AbsentWhy, detail?: string): NoReading =>
  detail === undefined ? { state: 'absent', why } : { state: 'absent', why, detail };

export const malformed = (why: string, line?: number): NoReading =>
  line === undefined ? { state: 'malformed', why } : { state: 'malformed', why, line };

/** The value, or undefined where there is none. For callers that have said elsewhere why it is missing. */
export const known = <T>(reading: Reading<T>): T | undefined => (reading.state === 'ok' ? reading.value : undefined);

/** Applies `f` to the value; absence and malformation pass through unchanged. */
export const mapReading = <T, U>(reading: Reading<T>, f: (value: T) => U): Reading<U> =>
  reading.state === 'ok' ? ok(f(reading.value)) : reading;

/** A few words for people: "not permitted", "no such file", "malformed: …". */
export function whyMissing(reading: NoReading): string {
  if (reading.state === 'malformed') {
    return reading.line === undefined
      ? `malformed: ${reading.why}`
      : `malformed at line ${reading.line}: ${reading.why}`;
  }
  const words: Record<AbsentWhy, string> = {
    'no-such-file': 'no such file',
    'not-in-this-kernel': 'not in this kernel',
    'not-permitted': 'not permitted',
    'command-missing': 'command missing',
    'not-collected': 'not collected',
  };
  return reading.detail === undefined ? words[reading.why] : `${words[reading.why]} (${reading.detail})`;
}
