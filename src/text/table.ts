const ascii = /^[\x20-\x7e]*$/;

/** Marks and format characters take no column of their own (Unicode categories Mn, Me, Cf). */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** East Asian Wide and Fullwidth blocks (Unicode TR11), and what terminals draw as emoji; halves of flags are no emoji yet. */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation})$/u;

/** Latin letters, dashes and dots, box drawings and blocks: what our own tables are made of needs no table of Unicode. */
const isNarrow = (code: number): boolean =>
  (code < 0x300 && code !== 0xad) || (code >= 0x2010 && code <= 0x2027) || (code >= 0x2500 && code <= 0x25fc);

const charWidth = (char: string): number =>
  isNarrow(char.charCodeAt(0)) ? 1 : zeroWidth.test(char) ? 0 : wide.test(char) ? 2 : 1;

/** Columns that text takes on a terminal. The text holds no control characters (`stripControls`). */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Pads on the right to a number of columns; longer text stays as it is. */
export const padColumns = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - displayWidth(text)));

/** Pads on the left to a number of columns. */
export const alignRight = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;

/** Cuts text to a number of columns; what was cut is marked by `…`. */
export function truncateColumns(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/**
 * Breaks text into lines of at most so many columns: at spaces, and at the commas of folded host names, but not at those of a
 * number; a word that is longer than a line is cut hard, so no line is ever longer.
 */
export function wrapColumns(text: string, columns: number): string[] {
  const limit = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/).flatMap(parts)) {
    if (line !== '' && displayWidth(line + word.trimEnd()) > limit) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
    while (isWider(line.trimEnd(), limit)) {
      const head = headOf(line, limit);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trimEnd() !== '') lines.push(line.trimEnd());
  return lines;
}

/** `+6,653/s` as it is; `web01,web02` after each comma. */
const parts = (word: string): string[] =>
  /^\W?\d{1,3}(?:,\d{3})+(?![\d,[])/.test(word) ? [word] : word.split(/(?<=,)/);

/** As `displayWidth(text) > columns`, without looking at the rest of a very long word. */
function isWider(text: string, columns: number): boolean {
  if (text.length <= columns && ascii.test(text)) return false;
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns) return true;
  }
  return false;
}

/** The longest prefix that fits, and at least one character. */
function headOf(text: string, columns: number): string {
  let head = '';
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns && head !== '') break;
    head += char;
  }
  return head;
}

/** Rows of equal length with aligned columns, two spaces apart; the last column is not padded. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
    });
  }
  return rows.map(row =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padColumns(cell, widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
