type Child = Node | string | number | null;

/** Attributes that hold text only: no style, no handler, no address. */
type Attributes = Readonly<
  Partial<
    Record<
      | 'class'
      | 'id'
      | 'type'
      | 'role'
      | 'title'
      | 'for'
      | 'scope'
      | 'value'
      | 'placeholder'
      | 'tabindex'
      | 'colspan'
      | 'autocomplete'
      | 'spellcheck'
      | `aria-${string}`
      | `data-${string}`,
      string
    >
  >
>;

/** An element with text below it. Text is never markup: whatever a host sent stays text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  for (const child of children) if (child !== null) made.append(typeof child === 'number' ? String(child) : child);
  return made;
}

/** Text of a host: its direction stays its own. */
export const isolated = (text: string): HTMLElement => element('bdi', {}, text);

/** Characters of a text that are shown at once. */
const shownAtOnce = 800;

/** Text of a host of any length: the beginning, and a button for the rest. */
export function longText(text: string): Node {
  if (text.length <= shownAtOnce) return isolated(text);
  const start = isolated(`${text.slice(0, shownAtOnce)}…`);
  const more = element('button', { type: 'button', class: 'more-text' }, 'Show all');
  const whole = element('span', {}, start, ' ', more);
  more.addEventListener('click', () => whole.replaceChildren(isolated(text)));
  return whole;
}

/** Says something to people who listen instead of look. */
export function say(text: string): void {
  document.getElementById('said')?.replaceChildren(text);
}
