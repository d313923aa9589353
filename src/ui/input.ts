import type { Key } from 'ink';

/** More characters than this from one read are a paste of something that is no filter. */
const longestPaste = 500;

/**
 * What a terminal sent, as names of keys for `pressed`: one for a special key, else one per character, because fast typing and
 * pastes come in one piece.
 */
export function keysIn(input: string, key: Key): readonly string[] {
  const special = specialKeys.find(([flag]) => key[flag]);
  if (special !== undefined) return [key.shift && key.tab ? 'backtab' : special[1]];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input.slice(0, longestPaste)].flatMap(char => controls[char] ?? (char >= ' ' ? [char] : controlKey(char)));
}

const specialKeys: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
  ['escape', 'escape'],
];

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x1b': 'escape',
  '\x7f': 'backspace',
};

/** `ctrl-u` for what comes in one piece with other keys; ASCII has small letters 96 above their control characters. */
function controlKey(char: string): readonly string[] {
  const letter = String.fromCharCode(char.charCodeAt(0) + 96);
  return /[a-z]/.test(letter) ? [`ctrl-${letter}`] : [];
}
