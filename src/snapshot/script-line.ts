/** What one line of a start script does to sysctl keys. */
export type ScriptAction =
  | { readonly kind: 'write'; readonly key: string; readonly value: string }
  /** `sysctl -p FILE`, by default /etc/sysctl.conf. */
  | { readonly kind: 'load'; readonly file: string }
  /** `sysctl --system`. */
  | { readonly kind: 'load-system' };

/** Whatever a shell would expand makes a line one that cannot be told here. */
const expands = /[$`*?[\]{}\\]/;

/**
 * Simple commands with literal words: `sysctl -w key=value`, `sysctl -p`, `echo 1 > /proc/sys/…`. All else gives nothing:
 * a script is not run here, and what is behind `if` or `&&` may never be. Source: sysctl(8).
 */
export function scriptActions(line: string): readonly ScriptAction[] {
  return line
    .split(/;/)
    .map(command => command.trim())
    .filter(command => !expands.test(command))
    .flatMap(command => echoed(command) ?? sysctled(command));
}

function echoed(command: string): readonly ScriptAction[] | null {
  const pattern =
    /^(?:\/(?:usr\/)?bin\/)?echo\s+(?:-n\s+)?(.*?)\s*>{1,2}\s*["']?\/proc\/sys\/([^\s"'>&|]+)["']?(?:\s.*)?$/;
  const [, text, path] = pattern.exec(command) ?? [];
  if (text === undefined || path === undefined || /[>|&#]/.test(text)) return null;
  return [{ kind: 'write', key: `/${path}`, value: unquoted(text) }];
}

function sysctled(command: string): readonly ScriptAction[] {
  const [, rest] = /^(?:\/(?:usr\/)?s?bin\/)?sysctl\s+(.*)$/.exec(command) ?? [];
  if (rest === undefined) return [];
  // what follows a comment, a pipe, a redirection or `||` is not an argument
  const literal = rest.replace(/(?:^|\s)(?:#|\d?>|\||&).*$/, '');
  const words = (literal.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map(unquoted);
  if (words.includes('--system')) return [{ kind: 'load-system' }];
  const load = words.map(word => /^(?:-[a-zA-Z]*p|--load=?)(.*)$/.exec(word)?.[1]).find(file => file !== undefined);
  const plain = words.filter(word => !word.startsWith('-'));
  if (load !== undefined) {
    const files = load === '' ? plain : [load, ...plain];
    return (files.length === 0 ? ['/etc/sysctl.conf'] : files).map(file => ({ kind: 'load', file }));
  }
  return plain.flatMap(word => {
    const equals = word.indexOf('=');
    return equals <= 0 ? [] : [{ kind: 'write', key: word.slice(0, equals), value: word.slice(equals + 1) }];
  });
}

const unquoted = (word: string): string => word.replace(/["']/g, '');
