import { grouped } from '../../text/share.ts';
import { type FindingBlock, worstFirst } from '../blocks.ts';
import { counted } from '../page.ts';
import { places } from '../sentences.ts';
import { sysctlCommands } from './commands.ts';
import { escapeText, type Html, html, isolated, raw } from './markup.ts';
import { badge, copyButton, hostSet } from './parts.ts';
import { auditedOf, type Told } from './told.ts';

/** Findings that one change clears, the worst first. */
interface Fix {
  readonly blocks: FindingBlock[];
  readonly hosts: string[];
}

/** Fixes on the first screen. */
const fixesShown = 3;
/** Cards in all: a fleet may need another value on every host. */
const mostFixes = 60;

/** What to do: one card per change, with the findings that call for it. */
export function fixes(told: Told): { readonly first: Html; readonly others: Html | null } {
  const all = sameChange(worstFirst(told.blocks.findings.values()));
  const cards = all.slice(0, mostFixes).map((fix, i) => card(fix, i));
  const untold = all.length - cards.length;
  const rest = cards.slice(fixesShown);
  return {
    first:
      cards.length === 0
        ? html`<p>${auditedOf(told) === 0 ? 'No host was audited: what calls for a change is not known.' : 'Nothing that is not waived calls for a change.'}</p>`
        : html`${cards.slice(0, fixesShown)}`,
    others:
      rest.length === 0
        ? null
        : html`${rest}${untold > 0 ? html`<p class="dim">${grouped(untold)} more changes are told host by host in the table below.</p>` : null}`,
  };
}

/** The same change proposed by several findings (firing, fired, exposed) is one fix. */
function sameChange(blocks: readonly FindingBlock[]): Fix[] {
  const byChange = new Map<string, FindingBlock[]>();
  for (const block of blocks) {
    const { rule, remedy, title } = block.finding;
    const key = JSON.stringify([rule, remedy?.summary ?? title, remedy?.set]);
    const same = byChange.get(key);
    if (same === undefined) byChange.set(key, [block]);
    else same.push(block);
  }
  return [...byChange.values()].map(blocks => ({ blocks, hosts: [...new Set(blocks.flatMap(({ hosts }) => hosts))] }));
}

function card({ blocks, hosts }: Fix, index: number): Html {
  const [leader] = blocks;
  if (leader === undefined) return html``;
  const { worstHost, varies } = leader;
  const { severity, rule, remedy, title, because } = leader.finding;
  const id = `fix-${index + 1}`;
  const change = remedy === null ? title : remedy.summary;
  return html`<article class="card ${severity}" aria-labelledby="${id}-title">
<p class="card-head">${badge(severity)} <a class="rule" href="#rule-${rule}">${rule}</a> <span class="count">${counted(hosts.length, 'host')}</span></p>
<h3 id="${id}-title">${capital(change)}</h3>
<p class="on"><span class="label">On</span> ${hostSet(hosts, `${id}-hosts`)}</p>
${commands(leader, id)}
<p class="lead">${varies ? html`${isolated(worstHost)}, the worst: ` : null}${firstSentence(because)}</p>
<details class="proof"><summary>Why${remedy === null || remedy.risk === '' ? null : ', and what it risks'}: ${states(blocks)}</summary>
<ul class="why">${blocks.map((block, i) => reason(block, `${id}-${i + 1}`, blocks.length === 1))}</ul>
${remedy === null || remedy.risk === '' ? null : html`<p class="risk"><span class="label">Risk</span> ${ended(capital(remedy.risk))}</p>`}
</details>
</article>
`;
}

/** `firing on 10, fired on 2 hosts`. */
function states(blocks: readonly FindingBlock[]): string {
  const parts = blocks.map(({ finding: { state, rule }, hosts }) => `${state ?? rule} on ${grouped(hosts.length)}`);
  return `${parts.join(', ')} ${blocks.at(-1)?.hosts.length === 1 ? 'host' : 'hosts'}`;
}

/** What proves it; the rest is behind a click. A decimal point ends no sentence. */
const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;

/** What to type, where settings alone are the fix. */
function commands(block: FindingBlock, id: string): Html | null {
  const { remedy } = block.finding;
  const lines = remedy === null ? null : sysctlCommands(remedy.set);
  if (remedy === null || lines === null) return null;
  if (JSON.stringify(remedy.set) === JSON.stringify(remedy.undo)) {
    const inFile = Object.entries(remedy.set).map(([key, value]) => `${key} = ${value}`);
    return typed(inFile, { id, note: html`In the file that decides at boot; the running value is right already.` });
  }
  const undo = sysctlCommands(remedy.undo);
  const place = block.owner === null ? 'As root' : 'As root, in that network namespace';
  const back = undo === null ? null : html` Undo: <code>${undo.join(' && ')}</code>`;
  return typed(lines, { id, note: html`${place}, until the next boot.${back}` });
}

const typed = (lines: readonly string[], { id, note }: { readonly id: string; readonly note: Html }): Html =>
  html`<div class="command"><div class="command-line"><code id="${id}-set">${raw(lines.map(escapeText).join('\n'))}</code>${copyButton(`${id}-set`, 'commands')}</div>
<p class="note">${note}</p></div>`;

function reason(block: FindingBlock, id: string, alone: boolean): Html {
  const { finding, owner, worstHost, varies, setBy, hosts } = block;
  const { state, because, confidence, severity } = finding;
  const example = varies ? html`${isolated(worstHost)}, the worst: ` : null;
  const where = owner === null ? null : html` in ${isolated(owner)}`;
  return html`<li>${
    alone
      ? null
      : html`<div class="why-head">${badge(severity)} <strong>${state ?? 'found'}</strong>${where} on ${counted(hosts.length, 'host')}: ${hostSet(hosts, `${id}-hosts`)}</div>`
  }<p>${alone && where !== null ? html`<strong>Found${where}.</strong> ` : null}${example}${because}${
    setBy.size > 0 ? html` Set at boot by ${isolated(places(setBy, hosts.length))}.` : null
  } <span class="dim">Confidence ${confidence}.</span></p></li>`;
}

/** Accepted findings: who accepted them, why, until when. */
export function waivers({ blocks }: Told): Html | null {
  const all = worstFirst(blocks.waived.values());
  if (all.length === 0) return null;
  return html`<table class="plain"><caption>Accepted findings: ${grouped(all.length)}</caption><thead><tr><th scope="col">Rule</th><th scope="col">Hosts</th><th scope="col">Why</th><th scope="col">Until</th></tr></thead><tbody>${all.map(
    ({ finding: { rule, severity, waived }, hosts }, i) =>
      html`<tr><th scope="row">${badge(severity)} ${rule}</th><td>${hostSet(hosts, `waived-${i}`)}</td><td>${isolated(waived?.reason ?? '')}${
        waived?.owner === undefined ? null : html` (${isolated(waived.owner)})`
      }</td><td>${waived?.expires ?? ''}</td></tr>`,
  )}</tbody></table>`;
}

/** Prose that other formats put behind a colon begins a sentence here; a sysctl key keeps its spelling. */
export const capital = (text: string): string =>
  text.replace(/^[a-z]+(?=[ ,;])/, word => word[0]?.toUpperCase() + word.slice(1));

export const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
