import type { Verdict } from '../../model/rule.ts';
import { grouped } from '../../text/share.ts';
import type { GlossarySection } from '../sink.ts';
import { type Html, html } from './markup.ts';
import type { Told } from './told.ts';

const verdictWords: ReadonlyArray<readonly [Verdict, string]> = [
  ['fail', 'found'],
  ['informational', 'noted'],
  ['pass', 'passed'],
  ['notapplicable', 'not applicable'],
  ['notchecked', 'not checked'],
];

/** Every rule that judged in this run: on how many hosts which verdict, and what it is about. */
export function glossary({ census, end, glossary: explain }: Told): Html {
  const ofFleet = end.fleet.findings.map(({ rule }) => rule);
  const found = (rule: string): number => {
    const verdicts = census.verdicts.get(rule);
    return (verdicts?.get('fail') ?? 0) + (verdicts?.get('informational') ?? 0) + (ofFleet.includes(rule) ? 1 : 0);
  };
  const ids = [...new Set([...census.verdicts.keys(), ...ofFleet])].sort((a, b) => found(b) - found(a));
  return html`<p class="lead">What each rule looks for, how it proves it, and what fixes it; those that found something first.</p>
${ids.map(id => entry(id, { verdicts: census.verdicts.get(id), told: explain(id) }))}`;
}

interface Entry {
  readonly verdicts: ReadonlyMap<Verdict, number> | undefined;
  readonly told: ReturnType<Told['glossary']>;
}

function entry(id: string, { verdicts, told }: Entry): Html {
  const counts = verdictWords.flatMap(([verdict, words]) => {
    const n = verdicts?.get(verdict) ?? 0;
    return n === 0 ? [] : [`${words} ${grouped(n)}`];
  });
  return html`<details class="fold term" id="rule-${id}"><summary><code>${id}</code> <span class="wanted">${
    told === undefined ? null : `Wanted: ${told.title}.`
  }</span> <span class="dim">${counts.join(' · ')}</span></summary>${
    told === undefined ? html`<p>This version of synaudit does not know the rule.</p>` : told.sections.map(section)
  }</details>
`;
}

const section = ({ heading, text, items = [] }: GlossarySection): Html =>
  html`<h3>${heading}</h3>${text === undefined ? null : html`<p>${text}</p>`}${
    items.length === 0 ? null : html`<ul>${items.map(item => html`<li>${linked(item)}</li>`)}</ul>`
  }`;

/** `title: https://…`, as references are written, becomes a link. */
function linked(item: string): Html | string {
  const [, title, url] = /^(.*): (https:\/\/[^\s"'<>]+)$/.exec(item) ?? [];
  if (title === undefined || url === undefined) return item;
  return html`<a href="${url}" rel="noopener noreferrer">${title}</a>`;
}
