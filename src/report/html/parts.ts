import type { Severity } from '../../model/rule.ts';
import { foldHosts } from '../../text/host-set.ts';
import { grouped } from '../../text/share.ts';

import { type Shares, type Worst, worsts } from './census.ts';
import { type Content, type Html, html, isolated, unclipped } from './markup.ts';
import { clipped } from './visible.ts';

/** What a severity is beside its colour: a sign of its own shape. */
const signs: Readonly<Record<Worst, string>> = {
  critical: '●',
  high: '▲',
  medium: '◆',
  low: '■',
  info: 'i',
  clean: '✓',
  'not-audited': '✗',
};

export const worstWords: Readonly<Record<Worst, string>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
  clean: 'clean',
  'not-audited': 'not audited',
};

/** A word with its sign and colour. */
export const badge = (worst: Severity | Worst, words?: string): Html =>
  html`<span class="badge ${worst}"><span class="sign" aria-hidden="true">${signs[worst]}</span> ${words ?? worstWords[worst]}</span>`;

/** `2 critical · 9 clean`. */
export const sharesInWords = (shares: Shares, separator = ' · '): string =>
  worsts
    .filter(worst => (shares.get(worst) ?? 0) > 0)
    .map(worst => `${grouped(shares.get(worst) ?? 0)} ${worstWords[worst]}`)
    .join(separator);

/** A stacked bar, made when the report is written: it prints, and needs no script. The words beside it say the same. */
export function bar(shares: Shares, whole: number): Html {
  let x = 0;
  const rects: Html[] = [];
  for (const worst of worsts) {
    const width = ((shares.get(worst) ?? 0) / Math.max(1, whole)) * 1_000;
    if (width > 0)
      rects.push(html`<rect class="${worst}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"/>`);
    x += width;
  }
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${rects}</svg>`;
}

/** Characters of a host set that stand in the text; the rest is behind a click. */
const setShown = 200;
/** A name that is longer is no name. */
const longestName = 200;

/** Folded names of hosts, with all of them to open and to copy. */
export function hostSet(names: readonly string[], id: string): Html {
  const folded = foldHosts(names.map(name => clipped(name, longestName)));
  if (folded.length <= setShown)
    return html`<span class="set" id="${id}">${isolated(folded)}</span> ${copyButton(id, 'host names')}`;
  const cut = folded.lastIndexOf(',', setShown);
  return html`<span class="set">${isolated(`${folded.slice(0, cut > 0 ? cut : setShown)},…`)}</span>
<details class="all"><summary>All ${grouped(names.length)} names</summary><span class="set" id="${id}"><bdi>${unclipped(folded)}</bdi></span></details> ${copyButton(id, 'host names')}`;
}

/** Copies the text of an element. Only shown where scripts run. */
export const copyButton = (id: string, what: string): Html =>
  html`<button type="button" class="copy" data-copy="${id}" aria-label="Copy ${what}">Copy</button>`;

/** A section of the page. */
export const section = (id: string, title: string, content: Content): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
