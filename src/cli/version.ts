import { readFileSync } from 'node:fs';

/** Of package.json, which stands at the same place beside src/ and dist/. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}
