/**
 * Escape sequences of ECMA-48 with all they carry: CSI, then the strings (OSC, DCS, SOS, PM, APC) up to their terminator,
 * then two-byte escapes. 8-bit introducers (C1) count as well; an unterminated string runs to the end of the text.
 */
const escapeSequence =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;

/** Line and paragraph breaks and tabs: a reader expects a gap there. */
const spaceLike = /[\t\n\v\f\r\x85\u2028\u2029]+/g;

/** C0, DEL, C1, soft hyphen, bidirectional marks, embeddings and isolates, zero-width characters but the joiners, tag characters. */
const invisible =
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const loneSurrogate = /\p{Surrogate}/gu;

/** Nothing to do: printable ASCII only, which is nearly all that hosts print. */
const plain = /^[\x20-\x7e]*$/;

/**
 * Makes text that came from a host, a file or a server safe to show on one line of a terminal: escape sequences and control
 * characters are taken out, line breaks and tabs become one space, lone surrogates U+FFFD. Applying it twice changes nothing.
 * Bidirectional controls go because they can make a line read differently from what it says (CVE-2021-42574).
 */
export function stripControls(text: string): string {
  if (plain.test(text)) return text;
  return text
    .replace(escapeSequence, '')
    .replace(spaceLike, ' ')
    .replace(invisible, '')
    .replace(loneSurrogate, '\ufffd');
}

/** The 16 system colours only: they follow the user's own palette, on light and dark backgrounds. */
const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', magenta: '35', cyan: '36' } as const;

export type Style = keyof typeof codes;

/** Puts text in a style; gives it back unchanged where colour is off. */
export type Paint = (style: Style, text: string) => string;

/** A painter for a terminal (`true`), or one that leaves text as it is. */
export function painter(enabled: boolean): Paint {
  return enabled ? (style, text) => `\x1b[${codes[style]}m${text}\x1b[0m` : (_style, text) => text;
}
