import type { ServiceResult } from '../../model/run.ts';
import { formatDuration } from '../../text/duration.ts';
import { readHostSet, splitPatterns } from '../../text/host-set.ts';
import { grouped } from '../../text/share.ts';
import { conclusion } from '../conclusion.ts';
import { counted } from '../page.ts';
import type { Shares } from './census.ts';
import { type Content, type Html, html, isolated } from './markup.ts';
import { badge, bar, sharesInWords } from './parts.ts';
import type { Standing } from './standing.ts';
import { auditedOf, hostsOf, type Told } from './told.ts';

/** Rows beside the fixes on the first screen; the section on the fleet has more. */
const rowsShown = 6;

/** What this is a report of: subject, time, samples. */
export function masthead({ run, end }: Told): Html {
  const ms = Date.parse(end.finishedAt) - Date.parse(run.startedAt);
  const facts: Content[] = [
    isolated(run.subject),
    counted(run.hostCount, 'host'),
    html`<time datetime="${run.startedAt}">${clock(run.startedAt)}</time>`,
    ms > 0 ? `took ${formatDuration(ms)}` : null,
    run.intervalMs > 0 ? `two samples ${formatDuration(run.intervalMs)} apart` : 'one sample, so no rates',
    run.profile === 'audit' ? null : `profile ${run.profile}`,
    end.interrupted ? html`<strong>interrupted</strong>` : null,
  ];
  const shown = facts.filter(fact => fact !== null);
  return html`<p class="facts">${shown.map((fact, i) => (i === 0 ? fact : [' · ', fact]))}</p>`;
}

/** `2026-11-22T19:49:47.000Z` as people write it. */
export const clock = (iso: string): string => iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 $2 UTC');

/** How bad: one sentence and four numbers. */
export function verdict(told: Told): Html {
  const of = (standing: Standing): number => told.census.standings.get(standing) ?? 0;
  const dropping = of('dropping');
  const atRisk = of('at-risk');
  const hosts = hostsOf(told);
  const audited = auditedOf(told);
  const unknown = hosts - audited;
  // none of no hosts is nothing good
  const none = audited > 0 ? 'clean' : 'neutral';
  return html`<h1>${conclusion(told)}</h1>
<dl class="numbers">
${tile('Audited', audited, { of: hosts, tone: 'neutral', means: 'Settings and counters were read.' })}
${
  dropping === 0 && told.run.intervalMs === 0
    ? tile('Dropping now', null, { tone: 'neutral', means: 'One sample cannot tell.' })
    : tile('Dropping now', dropping, {
        tone: dropping > 0 ? 'critical' : none,
        means: 'Drops were counted during the visit.',
      })
}
${tile('At risk', atRisk, { tone: atRisk > 0 ? 'high' : none, means: 'Have dropped, or will drop SYNs.' })}
${tile('Not audited', unknown, { tone: unknown > 0 ? 'unknown' : none, means: 'Nothing is known of their SYNs.' })}
</dl>`;
}

interface Tile {
  readonly of?: number;
  readonly tone: 'neutral' | 'critical' | 'high' | 'unknown' | 'clean';
  readonly means: string;
}

/** A number with what it means; null: not known. */
const tile = (label: string, n: number | null, { of, tone, means }: Tile): Html =>
  html`<div class="tile ${tone}"><dt>${label}</dt><dd><span class="n">${n === null ? '–' : grouped(n)}</span>${
    of === undefined ? null : html` <span class="of">of ${grouped(of)}</span>`
  }</dd><dd class="means">${means}</dd></div>`;

/** Where: a bar per service, or per group where the inventory names no service. */
export function where(told: Told): Html {
  const { services } = told.end.fleet;
  const content = services.length > 0 ? serviceRows(services) : groupRows(told);
  return html`<section class="where" aria-labelledby="where-title"><h2 id="where-title">Where</h2>${content}</section>`;
}

function serviceRows(services: readonly ServiceResult[]): Html {
  const order = [...services].sort((a, b) => rank(a) - rank(b) || blocking(b) - blocking(a));
  const rows = order.slice(0, rowsShown).map(serviceRow);
  const rest = order.length - rows.length;
  return html`<ul class="rows">${rows}</ul>${
    rest > 0 ? html`<p class="more"><a href="#services">${counted(rest, 'more service')}</a></p>` : null
  }`;
}

const rank = ({ ready }: ServiceResult): number => (ready === false ? 0 : ready === null ? 1 : 2);

/** Names behind folded patterns; a pattern that is none counts as one name. */
const sizeOf = (patterns: readonly string[]): number =>
  patterns.flatMap(splitPatterns).reduce((sum, pattern) => {
    const set = readHostSet(pattern);
    return sum + ('problem' in set ? 1 : set.size);
  }, 0);

const blocking = (service: ServiceResult): number => serviceShares(service).get('critical') ?? 0;

/** Hosts of a service that block it, of which nothing is known, and that are ready. */
export function serviceShares({ hosts, blockers, unknown }: ServiceResult): Shares {
  const blocked = Math.min(hosts, sizeOf(blockers));
  const open = Math.min(hosts - blocked, sizeOf(unknown));
  return new Map([
    ['critical', blocked],
    ['clean', hosts - blocked - open],
    ['not-audited', open],
  ]);
}

export const readiness = ({ ready }: ServiceResult): Html =>
  ready === null ? badge('not-audited', 'not known') : ready ? badge('clean', 'ready') : badge('critical', 'not ready');

function serviceRow(service: ServiceResult): Html {
  const shares = serviceShares(service);
  const blocked = blocking(service);
  const unknown = shares.get('not-audited') ?? 0;
  const words = [
    ...(blocked > 0 ? [`${grouped(blocked)} of ${counted(service.hosts, 'host')} drop or will drop`] : []),
    ...(unknown > 0 ? [`${grouped(unknown)} not known`] : []),
  ];
  return html`<li><div class="row-head"><span class="row-name">${isolated(service.name)} <span class="dim">:${service.port}</span></span> ${readiness(service)}</div>
${bar(shares, service.hosts)}<div class="row-says">${words.length > 0 ? words.join(', ') : counted(service.hosts, 'host')}</div></li>`;
}

function groupRows({ census }: Told): Html {
  if (census.hosts === 0) return html`<p>No host has a result.</p>`;
  if (census.groups.size === 0) return html`<p>The hosts are in no group.</p>`;
  const order = [...census.groups].sort((a, b) => badness(b[1]) - badness(a[1]));
  const rows = order.slice(0, rowsShown).map(
    ([group, shares]) => html`<li><div class="row-head"><span class="row-name">${isolated(group)}</span></div>
${bar(shares, total(shares))}<div class="row-says">${sharesInWords(shares)}</div></li>`,
  );
  const rest = order.length - rows.length;
  return html`<ul class="rows">${rows}</ul>${rest > 0 ? html`<p class="more"><a href="#fleet">${counted(rest, 'more group')}</a></p>` : null}`;
}

export const total = (shares: Shares): number => [...shares.values()].reduce((sum, n) => sum + n, 0);

/** For sorting: the number of hosts at each severity, the worst weighing more than any number of the next. */
export const badness = (shares: Shares): number =>
  (shares.get('critical') ?? 0) * 1e12 +
  (shares.get('high') ?? 0) * 1e6 +
  (shares.get('medium') ?? 0) +
  total(shares) / 1e9;
