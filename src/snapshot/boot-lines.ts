import { isGlob } from './boot-glob.ts';

/** How one engine reads lines. The two agree on what people usually write, and on little else. */
export interface Dialect {
  /** systemd ≥ 239 ends a line at CR and NUL, too (read_line() in src/basic/fileio.c); C string readers stop at NUL. */
  readonly lineEnds: 'newline' | 'any';
  /** Characters that are stripped: isspace(3) in procps, WHITESPACE in systemd. */
  readonly blanks: string;
  /** How many leading dashes are taken for the mark of `-key = value` and `-key`; further ones are part of the key. */
  readonly dashes: 0 | 1 | 2;
  /** systemd strips blanks behind the dash, procps does not. */
  readonly blanksBehindDash: boolean;
  /** Bytes per fgets(3) in old readers: a longer line falls into several. Unit: bytes. */
  readonly lineBytes?: number;
}

/** One assignment, or (value null) one exclusion `-key`, in one line of a sysctl file. */
export interface Assignment {
  /** Path below /proc/sys, with single slashes: `net/ipv4/tcp_tw_recycle`. */
  readonly path: string;
  readonly glob: boolean;
  readonly value: string | null;
  readonly line: number;
}

const comment = /^[#;]/;

/** Assignments of one sysctl file, in order; what the engine would skip is left out. Source: sysctl.d(5), sysctl.conf(5). */
export function assignments(text: string, dialect: Dialect): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const [index, line] of physicalLines(text, dialect).entries()) {
    for (const piece of pieces(line, dialect)) {
      const assignment = parseLine(piece, index + 1, dialect);
      if (assignment !== undefined) found.push(assignment);
    }
  }
  return found;
}

function physicalLines(text: string, { lineEnds }: Dialect): readonly string[] {
  if (lineEnds === 'any') return text.split(/\r\n\0?|\n\r\0?|\r\0?|\n\0?|\0/);
  return text.split('\n').map(line => line.split('\0', 1)[0] ?? '');
}

function pieces(line: string, { lineBytes }: Dialect): readonly string[] {
  if (lineBytes === undefined || line.length * 4 < lineBytes) return [line];
  const bytes = new TextEncoder().encode(line);
  const cut: string[] = [];
  // fgets() leaves room for the final NUL
  for (let at = 0; at < bytes.length; at += lineBytes - 1) {
    cut.push(new TextDecoder().decode(bytes.subarray(at, at + lineBytes - 1)));
  }
  return cut;
}

function parseLine(raw: string, line: number, dialect: Dialect): Assignment | undefined {
  const text = strip(raw, dialect.blanks);
  if (text === '' || comment.test(text)) return undefined;
  const dashed = dialect.dashes > 0 && text.startsWith('-');
  const equals = text.indexOf('=');
  if (equals < 0 && !dashed) return undefined;

  const second = dialect.dashes > 1 && text.startsWith('--');
  const written = (equals < 0 ? text : text.slice(0, equals)).slice(Number(dashed) + Number(second));
  const key = dialect.blanksBehindDash ? strip(written, dialect.blanks) : stripEnd(written, dialect.blanks);
  const path = sysctlPath(key);
  const value = equals < 0 ? null : strip(text.slice(equals + 1), dialect.blanks);
  return { path, glob: isGlob(path), value, line };
}

/**
 * Path below /proc/sys of a written key. If the first separator is a dot, dots and slashes change places
 * (`net.ipv4.conf.eth0/100.rp_filter`); if it is a slash, both stay. Source: sysctl.d(5), slashdot() of procps.
 */
export function sysctlPath(key: string): string {
  const path = /[/.]/.exec(key)?.[0] === '.' ? swapSeparators(key) : key;
  return path.replace(/\/{2,}/g, '/').replace(/^\//, '');
}

/** The dotted key of a path below /proc/sys. */
export const dottedKey = (path: string): string => swapSeparators(path);

const swapSeparators = (text: string): string => text.replace(/[/.]/g, found => (found === '.' ? '/' : '.'));

// String.trim() would also strip a byte order mark and no-break spaces, which make the key unknown to both engines.
const strip = (text: string, blanks: string): string => {
  let start = 0;
  while (start < text.length && blanks.includes(text.charAt(start))) start += 1;
  return stripEnd(text.slice(start), blanks);
};

const stripEnd = (text: string, blanks: string): string => {
  let end = text.length;
  while (end > 0 && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};
