import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type HostResult, noFleet, type RunEvent } from '../../src/model/run.ts';
import type { Island } from '../../src/report/html/island.ts';
import { explainedRules, sectionsOf } from '../../src/rules/explain.ts';
import fc from '../fast-check.ts';
import { failing, hostileTexts, saying } from './hostile.ts';
import { eventsOf, failed, firing, recycling, rendered, result } from './results.ts';

const web = Array.from({ length: 12 }, (_, i) => recycling(`web${String(i + 1).padStart(2, '0')}`, i * 4.5));
const page = (hosts: readonly HostResult[]): string => rendered('html', eventsOf(hosts));

/** The page cut into what is markup, the island, and the script. */
function partsOf(text: string): { markup: string; style: string; island: string; script: string } {
  const match =
    /^(?<head>[\s\S]*?<style>)(?<style>[\s\S]*?)(?<body><\/style>[\s\S]*?<script type="application\/json" id="synaudit-data">)(?<island>[\s\S]*?)<\/script>\n<script>(?<script>[\s\S]*?)(?<end><\/script>\n<\/body>\n<\/html>\n)$/.exec(
      text,
    );
  const { head = '', style = '', body = '', island = '', script = '', end = '' } = match?.groups ?? {};
  return { markup: head + body + end, style, island, script };
}

const islandIn = (text: string): Island => JSON.parse(partsOf(text).island);

/** Visible text of the markup, tags dropped. */
const textOf = (markup: string): string =>
  markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ');

describe('first screen', () => {
  const shown = textOf(partsOf(page([...web, result('api1'), failed('old1', 'unreachable')])).markup);

  test('says how bad in the sentence of the table', () => {
    expect(shown).toContain('12 hosts lose or will lose connections: tcp_tw_recycle drops SYNs');
  });

  test('has four numbers', () => {
    expect(shown).toMatch(/Audited 13 of 14 .* Dropping now 12 .* At risk 0 .* Not audited 1 /);
  });

  test('has where, by group without services', () => {
    expect(shown).toContain('web 12 critical · 1 clean · 1 not audited');
  });

  test('has what to do: hosts, command and undo, reason, where it is set, risk', () => {
    for (const part of [
      'web[01-12]',
      'sysctl -w net.ipv4.tcp_tw_recycle=0',
      'Undo: sysctl -w net.ipv4.tcp_tw_recycle=1',
      'web12 , the worst: SYNs are being dropped now: PAWSPassive +49.5/s',
      'Set at boot by /etc/sysctl.d/30-tuning.conf:4',
      'Risk TIME_WAIT lasts 60 s again.',
    ])
      expect(shown).toContain(part);
  });

  test('and below it why a host was not audited', () => {
    expect(shown).toContain('connection refused by old1.example.com port 22');
    expect(shown).toContain('is sshd running, and on this port?');
  });
});

test('findings that one change clears are one fix, with hosts counted once', () => {
  const both = result('both', { findings: [firing(1), firing(0, { state: 'exposed', because: 'Exposed.' })] });
  const { markup } = partsOf(page([both, recycling('web01', 2)]));
  expect(markup.match(/<article /g)).toHaveLength(1);
  expect(textOf(markup)).toContain('tw-recycle 2 hosts');
  expect(textOf(markup)).toContain('firing on 2, exposed on 1 host');
});

test('a fleet that needs another value on every host has no card for each', () => {
  const hosts = Array.from({ length: 100 }, (_, i) => {
    const remedy = { summary: 'raise it', set: { 'net.a.b': String(i) }, risk: '', undo: {} };
    return result(`h${i}`, { findings: [firing(0, { remedy })] });
  });
  const { markup } = partsOf(page(hosts));
  expect(markup.match(/<article /g)).toHaveLength(60);
  expect(textOf(markup)).toContain('40 more changes');
});

test('a fix of the value at boot is a line for the file, not a command', () => {
  const remedy = { summary: 'set it in the winning line', set: { 'net.a.b': '0' }, risk: '', undo: { 'net.a.b': '0' } };
  const shown = textOf(partsOf(page([result('a', { findings: [firing(0, { remedy })] })])).markup);
  expect(shown).toContain('net.a.b = 0');
  expect(shown).not.toContain('sysctl -w net.a.b');
});

test('rules that judged are explained, those that found something first', () => {
  const glossary = (id: string) => {
    const rule = explainedRules.find(rule => rule.id === id);
    return rule === undefined ? undefined : { id, title: rule.title, sections: sectionsOf(rule) };
  };
  const verdicts = { 'syncookies-off': 'pass', 'tw-recycle': 'fail' } as const;
  const { markup } = partsOf(
    rendered('html', eventsOf([result('a', { verdicts, findings: [firing(1)] })]), { glossary }),
  );
  expect([...markup.matchAll(/id="rule-([a-z-]+)"/g)].map(([, id]) => id)).toEqual(['tw-recycle', 'syncookies-off']);
  expect(textOf(markup)).toContain('How it is proved');
  expect(markup).toMatch(/<a href="https:\/\/[^"]+" rel="noopener noreferrer">/);
});

test('a service has its bar, what blocks it and what is not known', () => {
  const events = eventsOf([recycling('web01', 1), result('web02'), result('web03')]).map(
    (event): RunEvent =>
      event.type !== 'end'
        ? event
        : {
            ...event,
            fleet: {
              ...noFleet,
              services: [
                {
                  name: 'ok',
                  port: 80,
                  groups: [],
                  hosts: 1,
                  ready: true,
                  blockers: [],
                  unknown: [],
                  because: 'None.',
                },
                {
                  name: 'api',
                  port: 8080,
                  groups: ['web'],
                  hosts: 3,
                  ready: false,
                  blockers: ['web01'],
                  unknown: ['web[02-03]'],
                  because: 'One drops.',
                },
              ],
            },
          },
  );
  const shown = textOf(partsOf(rendered('html', events)).markup);
  expect(shown).toMatch(/Where api :8080 ● not ready 1 of 3 hosts drop or will drop, 2 not known ok :80/);
  expect(shown).toContain('One drops. Because of: web01 Not known: web[02-03]');
});

test('the policy lets nothing in but the one style sheet and the one script', () => {
  const { markup, style, script } = partsOf(page(web));
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(markup)?.[1]?.split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(markup).not.toMatch(/ style=| on[a-z]+=|<link|<iframe|<object| src=/);
});

test('the same run makes the same page', () => {
  expect(page([...web, failing('x')])).toBe(page([...web, failing('x')]));
});

test('a run of no host is a page, too', () => {
  expect(textOf(partsOf(page([])).markup)).toContain('No host was audited');
  expect(islandIn(page([])).hosts.name).toEqual([]);
});

describe('what is not known is not good', () => {
  const markupOf = (hosts: readonly HostResult[], hostCount = hosts.length): string =>
    partsOf(rendered('html', eventsOf(hosts, { hostCount }))).markup;

  test('hosts without a result are not audited, and the run says so', () => {
    const shown = textOf(markupOf([recycling('web01', 1), failed('old1', 'unreachable')], 42));
    expect(shown).toMatch(/Audited 1 of 42 .* Not audited 41 /);
    expect(shown).toContain('The run did not end: 40 of its 42 hosts have no result.');
    expect(shown).toContain('connection refused by old1');
  });

  test.each([
    ['no host', [], 0, 'There was no host to audit.'],
    ['no host that has a result', [], 1, 'The run did not end: 1 of its 1 host has no result.'],
    ['no host that was audited', [failed('old1', 'unreachable')], 1, 'connection refused by old1'],
  ] as const)('%s is no host in green', (_, hosts, hostCount, says) => {
    const markup = markupOf(hosts, hostCount);
    expect(markup).not.toContain('"tile clean"');
    const shown = textOf(markup);
    expect(shown).toContain('No host was audited: what calls for a change is not known.');
    expect(shown).not.toContain('Every host was audited');
    expect(shown).toContain(says);
  });

  test('one sample does not tell what is dropping now', () => {
    const once = textOf(partsOf(rendered('html', eventsOf([result('api1')], { intervalMs: 0 }))).markup);
    expect(once).toContain('Dropping now – One sample cannot tell.');
    expect(textOf(markupOf([result('api1')]))).toContain('Dropping now 0 Drops were counted');
  });

  test('hosts that were all audited and found clean are', () => {
    const markup = markupOf([result('api1')]);
    expect(markup.match(/"tile clean"/g)).toHaveLength(3);
    expect(textOf(markup)).toContain('Every host was audited.');
  });
});

test('a number of hosts is written alike all over the page', () => {
  const hosts = Array.from({ length: 1_200 }, (_, i) => recycling(`web${i}`, 1));
  const shown = textOf(partsOf(page(hosts)).markup);
  expect(shown.match(/1,200 (?:hosts|critical|names)/g)?.length).toBeGreaterThan(4);
  expect(shown).not.toMatch(/\b1200 /);
});

test.each([
  [13, 'group12', 'other'],
  [14, '2 others', 'group13'],
])('a chart of %i groups has %s, and no %s', (n, shown, hidden) => {
  const pad = (i: number): string => String(i).padStart(2, '0');
  const hosts = Array.from({ length: n }, (_, i) => result(`h${i}`, { groups: [`group${pad(i)}`] }));
  const [chart = ''] = /<caption>Groups.*?<\/table>/s.exec(partsOf(page(hosts)).markup) ?? [];
  expect(chart).toContain(shown);
  expect(chart).not.toContain(hidden);
});

describe('the island', () => {
  test('holds every host, and what repeats once', () => {
    const island = islandIn(page(web));
    expect(island.hosts.name).toEqual(web.map(({ name }) => name));
    expect(island.pool.filter(value => value === 'TcpExt.PAWSPassive')).toHaveLength(1);
    expect(island.pool[island.hosts.severity[0] ?? -1]).toBe('critical');
    expect(island.hosts.perSecond[3]).toBe(13.5);
  });

  test('of equal hosts grows by their names and numbers only', () => {
    const many = (n: number): number =>
      partsOf(page(Array.from({ length: n }, (_, i) => ({ ...recycling('w', 2), name: `w${i}` })))).island.length;
    expect((many(1_500) - many(500)) / 1_000).toBeLessThan(90);
  });
});

/** Every tag that the page is made of, with quoted attributes only. */
const tag =
  /^<(?:!doctype html|\/?(?:html|head|meta|title|style|body|a|header|div|span|p|nav|main|footer|dialog|script|section|h[123]|dl|dt|dd|ul|li|svg|rect|article|code|button|details|summary|table|caption|thead|tbody|tr|th|td|br|time|strong|bdi)(?: [A-Za-z-]+(?:="[^"<>]*")?)*\/?)>/;

/** Attributes that our markup has; anything else came from outside. */
const attributes =
  /^(?:lang|charset|http-equiv|content|name|class|href|id|aria-[a-z]+|viewBox|preserveAspectRatio|focusable|x|width|height|type|data-copy|scope|rel|datetime|role|hidden)$/i;

/** Control characters, bidirectional controls and lone surrogates. */
const unfit = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])/;

function expectOnlyOurMarkup(text: string): void {
  const { markup, island } = partsOf(text);
  expect(island).not.toBe('');
  expect(island).not.toMatch(/[<>&\u2028\u2029]/);
  expect(() => JSON.parse(island)).not.toThrow();
  expect(markup + island).not.toMatch(unfit);
  for (let at = markup.indexOf('<'); at >= 0; at = markup.indexOf('<', at + 1)) {
    const found = tag.exec(markup.slice(at, at + 70_000))?.[0];
    expect(found, `at: ${markup.slice(at, at + 120)}`).toBeDefined();
    for (const [, name = ''] of (found ?? '').replace(/="[^"]*"/g, '=').matchAll(/ ([^\s=/>]+)/g))
      if (name !== 'html') expect(name).toMatch(attributes);
  }
}

describe('whatever hosts say', () => {
  test.each(hostileTexts.map(text => [text.slice(0, 40), text] as const))('%j stays text', (_, text) => {
    expectOnlyOurMarkup(rendered('html', eventsOf([saying(text), failing(text)], { client: '10.0.0.0/8' })));
  });

  test('and any other text does, too', () => {
    const nasty = fc.string({
      unit: fc.oneof(fc.constantFrom('<', '>', '"', "'", '&', '=', '/', ' ', '`', '\0', '\u202e', 'a'), fc.string()),
    });
    fc.assert(
      fc.property(nasty, text => expectOnlyOurMarkup(page([saying(text), failing(text)]))),
      { numRuns: 25 },
    );
  });

  test('a text of 64 KiB is cut where it stands', () => {
    const text = page([saying('x'.repeat(65_536))]);
    expect(text).toContain('… (65,536 characters)');
    expect(partsOf(text).markup.length + partsOf(text).island.length).toBeLessThan(600_000);
  });
});
