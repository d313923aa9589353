import { stripControls } from '../../text/ansi.ts';
import { truncateColumns } from '../../text/table.ts';
import { maxValueDepth } from './bounds.ts';
import type { HostVariables } from './precedence.ts';

/** Names of variables whose value is nobody's business: ansible_password, ansible_become_pass, db_password, api_token, … */
const secret = /pass(?:w(?:or)?d|phrase)?(?:$|_)|passw|passphrase|secret|token|vault|credential|private_key$|api_?key/i;

/** What stands for a secret, so that it shows that there is one. */
const secretValue = '(secret: not shown)';

/** Characters of one text that is shown. */
const maxText = 4_096;

/** The variables of a host for `inventory list -f json`, without secrets and bounded in every direction. */
export function shownVariables(variables: HostVariables): Readonly<Record<string, unknown>> {
  const rows = Array.from(variables.all(), ([key, { value }]): [string, unknown] => [
    stripControls(key),
    shown(key, value, 0),
  ]);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shown(key: string, value: unknown, depth: number): unknown {
  // `ansible_ssh_private_key_file` is a path, and `false` or nothing is no secret.
  if (secret.test(key) && value !== null && typeof value !== 'boolean' && value !== '') return secretValue;
  if (typeof value === 'string') return truncateColumns(stripControls(value), maxText);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (depth >= maxValueDepth) return '(nested too deep: not shown)';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(item => shown(key, item, depth + 1));
  if (typeof value !== 'object') return null;
  const rows = Object.entries(value).map(([name, item]): [string, unknown] => [name, shown(name, item, depth + 1)]);
  return Object.fromEntries(rows);
}
