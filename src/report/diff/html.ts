import type { RunDiff } from '../../model/diff.ts';
import { severities } from '../../model/rule.ts';
import { formatDuration } from '../../text/duration.ts';
import { grouped } from '../../text/share.ts';
import { styleSheetHash } from '../html/client-bundle.ts';
import { documentHead } from '../html/document-head.ts';
import { type Content, type Html, isolated, html as markup } from '../html/markup.ts';
import { badge, hostSet, section } from '../html/parts.ts';
import { clock } from '../html/summary.ts';
import { clipped } from '../html/visible.ts';
import { counted } from '../page.ts';
import { type ChangeBlock, changeBlocks, settingBlocks, visitBlocks } from './fold.ts';
import {
  changedRule,
  changeSays,
  changeSeverity,
  changeSubject,
  conclusion,
  nothingOpen,
  settingSays,
  visitSays,
  visitWords,
} from './sentences.ts';
import type { DiffSink } from './sink.ts';
import { kindTitles, perSecond, shortField, toldKinds } from './words.ts';

/** Nothing is loaded, nothing runs, nothing is sent anywhere. */
const policy = ["default-src 'none'", `style-src '${styleSheetHash}'`, "base-uri 'none'", "form-action 'none'"].join(
  '; ',
);

const title = ({ before, after }: RunDiff): Content => [
  'synaudit diff: ',
  after.subject,
  `, ${before.startedAt.slice(0, 10)} to ${after.startedAt.slice(0, 10)}`,
];

/** One self-contained page in the style of the report, without any script. */
export const html: DiffSink = (diff, { write, next }) => {
  const { before, after } = diff;
  write(
    markup`<!doctype html>
<html lang="en">
${documentHead(policy, title(diff))}
<body>
<a class="skip" href="#main">To the comparison</a>
<header class="top"><div class="wide"><span class="brand">synaudit</span>${masthead(diff)}
<nav aria-label="Sections"><a href="#findings">Findings</a> <a href="#rates">Counters</a> <a href="#settings">Settings</a> <a href="#hosts">Hosts</a></nav></div></header>
<main id="main" class="wide">
`.html,
  );
  for (const part of body(diff)) write(part.html);
  write(
    markup`<p class="dim">Next: ${next.map((command, i) => [i === 0 ? null : ' · ', markup`<code>${command}</code>`])}</p>
</main>
<footer><p class="wide">Run <bdi>${before.id}</bdi> compared with run <bdi>${after.id}</bdi>. This file is complete in itself: it loads nothing and sends nothing.</p></footer>
</body>
</html>
`.html,
  );
};

function masthead({ before, after }: RunDiff): Html {
  const ms = Math.abs(Date.parse(after.startedAt) - Date.parse(before.startedAt));
  const facts: Content[] = [
    isolated([...new Set([before.subject, after.subject])].join(', then ')),
    before.hosts === after.hosts
      ? counted(after.hosts, 'host')
      : `${grouped(before.hosts)} → ${counted(after.hosts, 'host')}`,
    markup`<time datetime="${before.startedAt}">${clock(before.startedAt)}</time> → <time datetime="${after.startedAt}">${clock(after.startedAt)}</time>`,
    Number.isFinite(ms) ? `${formatDuration(ms)} apart` : null,
  ];
  const shown = facts.filter(fact => fact !== null);
  return markup`<p class="facts">${shown.map((fact, i) => (i === 0 ? fact : [' · ', fact]))}</p>`;
}

function body(diff: RunDiff): readonly Html[] {
  const { remarks } = diff;
  return [
    markup`<h1>${conclusion(diff)}</h1>
${tiles(diff)}
${remarks.length === 0 ? null : markup`<ul class="why">${remarks.map(text => markup`<li><p>${isolated(text)}</p></li>`)}</ul>`}
`,
    section('findings', 'Findings', findings(diff)),
    section('rates', 'Counters, per second', rates(diff)),
    section('settings', 'Settings that changed', settings(diff)),
    section('hosts', 'Hosts', visits(diff)),
  ];
}

function tiles({ summary: { findings, hosts } }: RunDiff): Html {
  const total = (kind: keyof typeof findings) =>
    severities.reduce((sum, severity) => sum + findings[kind][severity], 0);
  const open = total('worse') + total('better') + total('changed') + total('same');
  const tile = (label: string, n: number, tone: string, means: string) =>
    markup`<div class="tile ${n === 0 ? 'neutral' : tone}"><dt>${label}</dt><dd><span class="n">${grouped(n)}</span></dd><dd class="means">${means}</dd></div>`;
  return markup`<dl class="numbers">
${tile('Fixed', total('fixed'), 'clean', 'The later run looked, and it is gone.')}
${tile('New', total('new'), 'critical', 'The earlier run looked, and it was not there.')}
${tile('Still open', open, 'high', 'In both runs.')}
${tile('No longer reachable', hosts.lost, 'unknown', 'Nothing is known of their SYNs now.')}
</dl>`;
}

/** Rows of one table; JSON has the rest. */
const rowsShown = 300;

const rest = (n: number): Html | null =>
  n > 0 ? markup`<p class="dim">${grouped(n)} more are in the JSON of this comparison.</p>` : null;

function findings(diff: RunDiff): Content {
  const blocks = changeBlocks(diff.hosts);
  const shown = blocks.slice(0, rowsShown);
  if (blocks.length === 0) return markup`<p>${nothingOpen(diff)}</p>`;
  const ofKind = (kind: ChangeBlock['kind']) =>
    shown.map((block, i) => ({ block, id: `change-${i}` })).filter(({ block }) => block.kind === kind);
  return [
    ...toldKinds.map(kind => {
      const cards = ofKind(kind).map(({ block, id }) => card(block, id));
      return cards.length === 0
        ? null
        : markup`<h3>${kindTitles[kind]}</h3>
${cards}`;
    }),
    rest(blocks.length - shown.length),
  ];
}

/** A namespace may be owned by a process of any name. */
const longestSubject = 300;

function card(block: ChangeBlock, id: string): Html {
  const { kind, before, after, hosts } = block;
  const severity = (after ?? before)?.severity ?? 'info';
  const isFixed = kind === 'fixed';
  const tone = isFixed ? 'clean' : kind === 'unknown' ? 'not-audited' : severity;
  return markup`<article class="card ${tone}">
<p class="card-head">${badge(tone, isFixed ? 'fixed' : changeSeverity(block))} <span class="rule">${isolated(clipped(isFixed ? changeSubject(block) : changedRule(block), longestSubject))}</span> <span class="count">${counted(hosts.length, 'host')}</span></p>
<p class="on"><span class="label">On</span> ${hostSet(hosts, id)}</p>
${changeSays(block).map(text => markup`<p>${isolated(text)}</p>`)}
</article>
`;
}

function rates({ rates: totals }: RunDiff): Html {
  if (totals.length === 0) return markup`<p>No counter moved on a host that both runs measured.</p>`;
  const rows = totals
    .slice(0, rowsShown)
    .map(
      ({ field, before, after, hosts }) =>
        markup`<tr><th scope="row">${isolated(shortField(field))}</th><td class="number">${perSecond(before)}</td><td class="number">${perSecond(after)}</td><td class="number">${grouped(hosts)}</td></tr>`,
    );
  return markup`${tableOf(['Counter', 'Before', 'After', 'Hosts that both runs measured'], rows)}${rest(totals.length - rows.length)}`;
}

function settings({ hosts }: RunDiff): Html {
  const blocks = settingBlocks(hosts);
  if (blocks.length === 0) return markup`<p>No setting changed.</p>`;
  const rows = blocks
    .slice(0, rowsShown)
    .map(
      (block, i) =>
        markup`<tr><th scope="row">${isolated(block.key)}</th><td>${counted(block.hosts.length, 'host')}: ${hostSet(block.hosts, `setting-${i}`)}</td><td>${settingSays(block).map(text => markup`${isolated(text)}<br>`)}</td></tr>`,
    );
  return markup`${tableOf(['Setting', 'Hosts', 'Change'], rows)}${rest(blocks.length - rows.length)}`;
}

function visits({ hosts }: RunDiff): Html {
  const blocks = visitBlocks(hosts);
  if (blocks.length === 0) return markup`<p>Both runs audited the same hosts, and none of them rebooted.</p>`;
  const rows = blocks
    .slice(0, rowsShown)
    .map(
      (block, i) =>
        markup`<tr><th scope="row">${visitWords[block.kind]}</th><td>${counted(block.hosts.length, 'host')}: ${hostSet(block.hosts, `visit-${i}`)}</td><td>${visitSays(block).map(text => markup`${isolated(text)}<br>`)}</td></tr>`,
    );
  return markup`${tableOf(['What', 'Hosts', 'More'], rows)}${rest(blocks.length - rows.length)}`;
}

const tableOf = (headings: readonly string[], rows: readonly Html[]): Html =>
  markup`<div class="wide-table"><table class="plain"><thead><tr>${headings.map(text => markup`<th scope="col">${text}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
