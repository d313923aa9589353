/** C0, DEL, C1: shown by what stands for them, so that a reader sees that a host sent one. */
const control = /[\x00-\x1f\x7f-\x9f]/g;

/** Soft hyphen, bidirectional controls, zero-width and tag characters: they make a line read differently from what it says. */
const deceiving =
  /\xad|\u034f|\u061c|[\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0]|[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

const loneSurrogate = /\p{Surrogate}/gu;

/** Nothing to do: printable ASCII only, which is nearly all that hosts print. */
const plain = /^[\x20-\x7e]*$/;

/** U+2400 and up are pictures of the control characters. */
const picture = (character: string): string => {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : codePoint(character);
};

const codePoint = (character: string): string =>
  `\u27e8U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}\u27e9`;

/**
 * Text of a host made fit for a page: what cannot be seen is shown by a symbol (U+241B) or its number (⟨U+202E⟩), a lone
 * surrogate is U+FFFD. Applying it twice changes nothing. Markup is not escaped here.
 */
export function visible(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(control, picture).replace(deceiving, codePoint).replace(loneSurrogate, '\ufffd');
}

/** Cut to a number of characters, with the length that it had; never within a surrogate pair. */
export function clipped(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}… (${text.length.toLocaleString('en-US')} characters)`;
}
