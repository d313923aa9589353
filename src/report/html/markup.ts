import { clipped, visible } from './visible.ts';

/** Markup that is fit for the page as it stands. Only `html` and `raw` make it. */
export interface Html {
  readonly html: string;
}

export type Content = string | number | Html | null | undefined | false | readonly Content[];

/** Longest text of a host that stands in the page; JSON has the rest. */
const longest = 4_000;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text between tags and in quoted attributes. */
export const escapeText = (text: string): string =>
  clipped(visible(text), longest).replace(/[&<>"']/g, character => entities[character] ?? '');

/** Our own text that is markup already: the style sheet, the script. Never anything of a host. */
export const raw = (html: string): Html => ({ html });

/** A template whose values are escaped, whatever they are; attributes must be quoted. What is absent leaves nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html => ({
  html: parts.map((part, i) => (i < values.length ? part + markupOf(values[i]) : part)).join(''),
});

function markupOf(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return 'html' in value ? value.html : value.map(markupOf).join('');
}

/** A JSON text for an island: nothing in it can end the element or begin a comment. */
export const islandText = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Text of a host within our sentence or table: its direction stays its own. */
export const isolated = (text: string): Html => html`<bdi>${text}</bdi>`;

/** A long text in full, for a list of names that people asked to see; otherwise as `escapeText`. */
export const unclipped = (text: string): Html =>
  raw(visible(text).replace(/[&<>"']/g, character => entities[character] ?? ''));
