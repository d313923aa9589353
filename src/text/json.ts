/** The value of a JSON text, or undefined for a text that is none (`undefined` itself cannot be written in JSON). */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names to values: what JSON and YAML call an object or a mapping, and no list. */
export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
