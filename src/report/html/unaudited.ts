import { outcomes } from '../../model/visit.ts';
import { grouped } from '../../text/share.ts';
import { cutShort } from '../conclusion.ts';
import { counted } from '../page.ts';
import { type Html, html, isolated } from './markup.ts';
import { hostSet } from './parts.ts';
import { hostsOf, type Told } from './told.ts';

/** Hosts that were not audited, by reason, with what to do about it. */
export function unaudited(told: Told): Html {
  const failures = failureTable(told);
  const hosts = hostsOf(told);
  const without = hosts - told.census.hosts;
  if (without > 0) return html`<p>${cutShort(without, hosts)}</p>${failures}`;
  return failures ?? html`<p>${hosts === 0 ? 'There was no host to audit.' : 'Every host was audited.'}</p>`;
}

function failureTable({ blocks }: Told): Html | null {
  const failures = [...blocks.failures.values()].sort(
    (a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome) || b.hosts.length - a.hosts.length,
  );
  if (failures.length === 0) return null;
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
  return html`<details class="fold"><summary>${title}: ${grouped(map.size)}</summary><ul class="why">${rows}</ul>${
    rest > 0 ? html`<p class="dim">${grouped(rest)} more are in the JSON of this run.</p>` : null
  }</details>`;
}
