import { clientScript, clientScriptHash, styleSheetHash } from './client-bundle.ts';
import { documentHead } from './document-head.ts';
import { fixes, waivers } from './fixes.ts';
import { clientAnswers, fleetCharts, fleetFindings, serviceTable } from './fleet.ts';
import { glossary } from './glossary.ts';
import { type Html, html, raw } from './markup.ts';
import { section } from './parts.ts';
import { masthead, verdict, where } from './summary.ts';
import type { Told } from './told.ts';
import { gaps, unaudited } from './unaudited.ts';

/** Nothing is loaded, nothing runs but the one script below, nothing is sent anywhere. */
const policy = [
  "default-src 'none'",
  `style-src '${styleSheetHash}'`,
  `script-src '${clientScriptHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Id of the element that holds the island; the script looks for it. */
export const islandId = 'synaudit-data';

/** The page up to where the JSON of the island begins. */
export function pageHead(told: Told): Html {
  const { run } = told;
  return html`<!doctype html>
<html lang="en">
${documentHead(policy, ['synaudit: ', run.subject, ', ', run.startedAt.slice(0, 10)])}
<body>
<a class="skip" href="#main">To the report</a>
<header class="top"><div class="wide"><span class="brand">synaudit</span>${masthead(told)}
<nav aria-label="Sections"><a href="#fixes">Fixes</a> <a href="#fleet">Fleet</a> <a href="#hosts">Hosts</a> <a href="#unaudited">Not audited</a> <a href="#rules">Rules</a></nav></div></header>
<main id="main" class="wide">
${body(told)}
</main>
<footer><p class="wide">Written by synaudit ${run.version}, run <bdi>${run.id}</bdi>. This file is complete in itself: it loads nothing and sends nothing.</p></footer>
<dialog id="drawer" aria-labelledby="drawer-title"></dialog>
<div id="said" class="hidden-visually" role="status"></div>
<script type="application/json" id="${islandId}">`;
}

/** The page after the JSON of the island. */
export const pageEnd = (): Html => html`</script>
<script>${raw(clientScript)}</script>
</body>
</html>
`;

function body(told: Told): Html {
  const { first, others } = fixes(told);
  const ofServices = serviceTable(told);
  const ofFleet = fleetFindings(told);
  const ofClient = clientAnswers(told);
  const ofWaivers = waivers(told);
  const ofGaps = gaps(told);
  return html`${verdict(told)}
<div class="first">
${where(told)}
<section id="fixes" aria-labelledby="fixes-title"><h2 id="fixes-title">What to do</h2>
${first}
</section>
</div>
${ofClient === null ? null : section('client', `Client ${told.run.client ?? ''}`, ofClient)}
${others === null ? null : section('more-fixes', 'More to do', others)}
${ofWaivers === null ? null : section('waived', 'Waived', ofWaivers)}
${section('fleet', 'The fleet', [fleetCharts(told), html`<div id="plots" hidden></div>`])}
${ofServices === null ? null : section('services', 'Services', ofServices)}
${ofFleet === null ? null : section('fleet-findings', 'Across hosts', ofFleet)}
${section('hosts', 'Hosts', html`<p class="needs-script">The table of hosts needs JavaScript. Every finding above and every failure below names its hosts.</p><div id="host-table" hidden></div>`)}
${section('unaudited', 'Not audited', [unaudited(told), ofGaps])}
${section('rules', 'Rules of this run', glossary(told))}`;
}
