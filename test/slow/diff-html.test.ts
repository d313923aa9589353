import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/history/diff.ts';
import type { HostResult } from '../../src/model/run.ts';
import { diffSinks } from '../../src/report/diff/index.ts';
import { type Chromium, lackingChromium, startChromium } from '../browser/chromium.ts';
import { comparedRun } from '../history/compared-runs.ts';
import { failing, hostileTexts, saying } from '../report/hostile.ts';
import { failed, recycling, result } from '../report/results.ts';

const here = lackingChromium === null ? '' : ` (not here: ${lackingChromium})`;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

function page(before: readonly HostResult[], after: readonly HostResult[]): string {
  const diff = compareRuns(comparedRun(before), comparedRun(after), { failOn: 'high', allowIncomplete: false });
  const parts: string[] = [];
  const write = (part: string) => void parts.push(part);
  diffSinks.html(diff, { write, width: 100, color: false, verbose: false, next: ['synaudit report'] });
  return parts.join('');
}

const fixed = (name: string) =>
  result(name, { verdicts: { 'tw-recycle': 'pass' }, rates: { 'TcpExt.PAWSPassive': 0 } });

describe.skipIf(lackingChromium !== null)(`the comparison in Chromium${here}`, () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  const rollout = page(
    [recycling('web01', 59.5), recycling('web02', 3), recycling('web03', 1), result('gw1')],
    [fixed('web01'), recycling('web02', 4), recycling('new1', 2), failed('gw1', 'unreachable')],
  );

  test.each([
    ['on a wide screen', { viewport: { width: 1280, height: 800 } }],
    ['on a telephone, dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' as const }],
    ['without scripts', { javaScriptEnabled: false }],
  ])('%s it reads, fits and loads nothing', async (_where, options) => {
    const { page: shown, complaints } = await browser.open(rollout, options);
    const text: string = await shown.evaluate('document.querySelector("main").innerText');
    expect(text).toContain('PAWSPassive 59.5/s → 0/s.');
    expect(text).toContain('No longer reachable');
    const { scrollWidth, clientWidth } = await shown.evaluate<{ scrollWidth: number; clientWidth: number }>(
      '({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })',
    );
    expect(scrollWidth).toBe(clientWidth);
    expect(complaints).toEqual([]);
    await shown.context().close();
  });

  test('is accessible: axe has nothing serious to say', async () => {
    const { page: shown } = await browser.open(rollout);
    await shown.evaluate(axe);
    const serious = await shown.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 160)))`);
    expect(serious).toEqual([]);
    await shown.context().close();
  });

  test('no number is praised that is 0, and numbers of hosts are written alike', async () => {
    const many = Array.from({ length: 1_200 }, (_, i) => recycling(`web${i}`, 1));
    const { page: shown } = await browser.open(page([failed('web0', 'unreachable')], many));
    expect(await shown.locator('.tile.clean').count()).toBe(0);
    const text: string = await shown.evaluate('document.querySelector("body").innerText');
    expect(text).toContain('1 → 1,200 hosts');
    expect(text).toContain('1,200 seen for the first time');
    expect(text).not.toMatch(/\b1(?:199|200) /);
    await shown.context().close();
  });

  test('runs that audited no host are not called clean', async () => {
    const lost = [failed('web01', 'unreachable')];
    const { page: shown } = await browser.open(page(lost, lost));
    expect(await shown.locator('#findings p').textContent()).toContain('audited no host');
    await shown.context().close();
  });

  test('runs nothing that hosts say', async () => {
    const { page: shown, complaints } = await browser.open(
      page(hostileTexts.map(saying), [...hostileTexts.map(failing), ...hostileTexts.slice(3).map(saying)]),
    );
    expect(await shown.locator('main script, main img, main svg').count()).toBe(0);
    expect(complaints).toEqual([]);
    await shown.context().close();
  });
});
