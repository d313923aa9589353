import { severities } from '../../model/rule.ts';
import { outcomes } from '../../model/visit.ts';
import { grouped } from '../../text/share.ts';
import { answerBlocks, gatewayBlocks } from '../fleet-blocks.ts';
import { counted } from '../page.ts';
import { type Shares, sumOf } from './census.ts';
import { type Html, html, isolated, unclipped } from './markup.ts';
import { badge, bar, hostSet, sharesInWords } from './parts.ts';
import { badness, readiness, serviceShares, total } from './summary.ts';
import type { Told } from './told.ts';

/** Bars of one chart beside that of the rest; a fleet may have as many kernels as hosts. */
const barsShown = 12;

/** The fleet in charts: worst finding by group, kernel and settings, and how the visits ended. */
export function fleetCharts({ census, end }: Told): Html {
  const labels = new Map(end.fleet.cohorts.map(({ id, label }) => [id, label]));
  const cohorts = new Map([...census.cohorts].map(([id, shares]) => [`${labels.get(id) ?? ''} (${id})`, shares]));
  const visits = outcomes.flatMap((outcome): (readonly [string, Shares])[] => {
    const n = census.outcomes.get(outcome) ?? 0;
    const worst = outcome === 'audited' ? 'clean' : outcome === 'partial' ? 'medium' : 'not-audited';
    return n === 0 ? [] : [[outcome, new Map([[worst, n]])]];
  });
  return html`<div class="charts">
${chart('Groups, by the worst finding of each host', byBadness(census.groups))}
${chart('Kernels', byBadness(census.kernels))}
${labels.size > 1 ? chart('Hosts of equal settings', byBadness(cohorts)) : null}
${chart('How the visits ended', { rows: visits, rest: null }, census.hosts)}
</div>`;
}

interface Bars {
  readonly rows: readonly (readonly [name: string, shares: Shares])[];
  readonly rest: readonly [words: string, shares: Shares] | null;
}

function byBadness(counts: ReadonlyMap<string, Shares>): Bars {
  const order = [...counts].sort((a, b) => badness(b[1]) - badness(a[1]));
  // a rest of one has room for its own name
  const rest = order.length === barsShown + 1 ? [] : order.slice(barsShown);
  return {
    rows: order.slice(0, order.length - rest.length),
    rest: rest.length === 0 ? null : [counted(rest.length, 'other'), sumOf(rest.map(([, shares]) => shares))],
  };
}

/** Bars are as long as their numbers of hosts, on one scale per chart. */
function chart(title: string, { rows, rest }: Bars, whole?: number): Html | null {
  if (rows.length === 0) return null;
  const most = whole ?? Math.max(...rows.map(([, shares]) => total(shares)), rest === null ? 0 : total(rest[1]));
  const visits = whole !== undefined;
  const row = (name: string, shares: Shares): Html =>
    html`<tr><th scope="row">${isolated(name)}</th><td class="bar-cell">${bar(shares, most)}<span class="row-says">${
      visits ? counted(total(shares), 'host') : sharesInWords(shares)
    }</span></td></tr>`;
  return html`<table class="chart"><caption>${title}</caption><thead class="hidden-visually"><tr><th scope="col">Name</th><th scope="col">Hosts</th></tr></thead><tbody>${rows.map(([name, shares]) => row(name, shares))}${
    rest === null ? null : row(rest[0], rest[1])
  }</tbody></table>`;
}

/** Every service with the reason; null where the inventory names none. */
export function serviceTable({ end }: Told): Html | null {
  const { services } = end.fleet;
  if (services.length === 0) return null;
  return html`<table class="plain"><thead><tr><th scope="col">Service</th><th scope="col">For its clients</th><th scope="col">Hosts</th><th scope="col">Because</th></tr></thead><tbody>${services.map(
    service =>
      html`<tr><th scope="row">${isolated(service.name)} :${service.port}</th><td>${readiness(service)}</td><td class="bar-cell">${bar(serviceShares(service), service.hosts)}<span class="row-says">${grouped(service.hosts)}</span></td><td>${service.because}${patterns('Because of', service.blockers)}${patterns('Not known', service.unknown)}</td></tr>`,
  )}</tbody></table>`;
}

const patterns = (label: string, sets: readonly string[]): Html | null =>
  sets.length === 0
    ? null
    : html`<br><span class="dim">${label}:</span> <bdi class="set">${unclipped(sets.join(','))}</bdi>`;

/** What only the fleet can tell, and what each group needs of a NAT gateway. */
export function fleetFindings({ end }: Told): Html | null {
  const findings = [...end.fleet.findings]
    .filter(({ hosts }) => hosts.length > 0)
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const gateways = gatewayBlocks(end.fleet);
  if (findings.length === 0 && gateways.length === 0) return null;
  return html`<ul class="why">${findings.map(
    ({ rule, severity, hosts, because }, i) =>
      html`<li><div class="why-head">${badge(severity)} <a class="rule" href="#rule-${rule}">${rule}</a> on ${counted(hosts.length, 'host')}: ${hostSet(hosts, `fleet-${i}`)}</div><p>${because}</p></li>`,
  )}${gateways.map(
    ({ subject, says }) =>
      html`<li><div class="why-head"><strong>${isolated(subject ?? '')}</strong> behind a NAT gateway</div><p>${says.join(' ')}</p></li>`,
  )}</ul>`;
}

/** What the hosts do to the client that was asked about (`--client`). */
export function clientAnswers({ answers }: Told): Html | null {
  if (answers.size === 0) return null;
  return html`<ul class="why">${answerBlocks(answers).map(
    ({ label, hosts, says }, i) =>
      html`<li><div class="why-head"><strong>${label}</strong>: ${typeof hosts === 'number' ? counted(hosts, 'host') : hostSet(hosts, `client-${i}`)}</div><p>${says.join(' ')}</p></li>`,
  )}</ul>`;
}
