import { outcomes } from '../../model/visit.ts';
import { counted } from '../page.ts';
import { type Html, html, isolated } from './markup.ts';
import { hostSet, numeral } from './parts.ts';
import type { Told } from './told.ts';

/** Hosts that were not audited, by reason, with what to do about it. */
export function unaudited({ blocks }: Told): Html {
  const failures = [...blocks.failures.values()].sort(
    (a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) || b.hosts.length - a.hosts.length,
  );
  if (failures.length === 0) return html`<p>Every host was audited.</p>`;
  return html`<table class="plain"><thead><tr><th scope="col">Outcome</th><th scope="col">Hosts</th><th scope="col">What happened</th></tr></thead><tbody>${failures.map(
    ({ outcome, error, hosts, varies }, i) =>
      html`<tr><th scope="row">${outcome}<br><span class="dim">${error.code}, in ${error.phase}</span></th><td>${counted(hosts.length, 'host')}: ${hostSet(hosts, `failed-${i}`)}</td><td>${
        varies ? html`${isolated(hosts[0] ?? '')}: ` : null
      }${isolated(error.message)}${error.hop === undefined ? null : html` (jump host ${isolated(error.hop)})`}<br><span class="dim">Hint:</span> ${isolated(error.hint)}</td></tr>`,
  )}</tbody></table>`;
}

/** Reasons in one list; a hostile fleet has one per host. */
const reasonsShown = 100;

/** What could not be judged or read on hosts that were audited, and remarks. Null where there is nothing. */
export function gaps({ blocks }: Told): Html | null {
  const lists = [
    reasons('Rules that could not be checked', blocks.notChecked),
    reasons('Sources that could not be read', blocks.unread),
    reasons('Remarks', blocks.notes),
  ].filter(list => list !== null);
  return lists.length === 0 ? null : html`${lists}`;
}

function reasons(title: string, map: ReadonlyMap<string, readonly string[]>): Html | null {
  if (map.size === 0) return null;
  const sorted = [...map].sort((a, b) => b[1].length - a[1].length);
  const id = title.toLowerCase().replaceAll(' ', '-');
  const rows = sorted
    .slice(0, reasonsShown)
    .map(
      ([reason, hosts], i) =>
        html`<li><p>${isolated(reason)}</p><p class="on">${counted(hosts.length, 'host')}: ${hostSet(hosts, `${id}-${i}`)}</p></li>`,
    );
  const rest = sorted.length - rows.length;
  return html`<details class="fold"><summary>${title}: ${numeral(map.size)}</summary><ul class="why">${rows}</ul>${
    rest > 0 ? html`<p class="dim">${numeral(rest)} more are in the JSON of this run.</p>` : null
  }</details>`;
}
