/**
 * A text as one word of a POSIX shell, in single quotes, whatever it holds. NUL, which no shell can carry, is taken out.
 * Source: POSIX Shell Command Language 2.2.2.
 */
export const shellquote = (text: string): string => `'${text.replaceAll('\0', '').replaceAll("'", String.raw`'\''`)}'`;
