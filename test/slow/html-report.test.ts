import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bigFleet, report } from '../browser/big-fleet.ts';
import { type Chromium, lackingChromium, startChromium } from '../browser/chromium.ts';
import { failing, hostileTexts, saying } from '../report/hostile.ts';
import { failed, firing, recycling, result } from '../report/results.ts';

const here = lackingChromium === null ? '' : ` (not here: ${lackingChromium})`;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const small = [
  ...Array.from({ length: 12 }, (_, i) => recycling(`web${String(i + 1).padStart(2, '0')}`, i + 1)),
  result('lab1', {
    groups: ['lab'],
    findings: [firing(0, { state: 'latent', severity: 'medium', because: 'Latent.' })],
  }),
  result('api1', { groups: ['api'] }),
  result('api2', { groups: ['api'], notChecked: { 'synack-lost': 'no second sample' } }),
  failed('old1', 'unreachable'),
];

const hostNames = (page: Page): Promise<string[]> => page.locator('.tbody .tr .host').allTextContents();
const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent');

/** What a reader sees, without what is folded or hidden. */
const visibleText = (page: Page): Promise<string> => page.evaluate('document.querySelector("main").innerText');

/** How long the page's own thread works while something happens, whatever else this machine does meanwhile. Unit: ms. */
async function workOf(page: Page, act: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const seconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN;
  };
  const before = await seconds();
  await act();
  return ((await seconds()) - before) * 1_000;
}

/** What axe calls serious or critical, as one line each. */
async function serious(page: Page): Promise<string[]> {
  // the policy of the page forbids what addScriptTag does; the debugger may
  await page.evaluate(axe);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`);
}

describe.skipIf(lackingChromium !== null)(`the HTML report in Chromium${here}`, () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  describe('10,000 hosts', () => {
    const text = lackingChromium === null ? report(bigFleet(10_000)) : '';

    test('are less than 15 MB, and there in less than 2 s', async () => {
      expect(text.length).toBeLessThan(15e6);
      const { page, complaints } = await browser.open(text);
      await page.locator('.tbody .host').first().waitFor();
      // half of the time is left for what the browser does beside
      const ms = await workOf(page, () => page.reload());
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(1_000);
      expect(await page.locator('#host-count').textContent()).toBe('10,000 hosts');
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    test('scroll with few rows in the document, and no frame that is felt', async () => {
      const { page } = await browser.open(text);
      const frames = 120;
      let rows = 0;
      const ms = await workOf(page, async () => {
        rows = await page.evaluate(`(async () => {
          const scroller = document.querySelector('.scroller');
          scroller.scrollIntoView({ behavior: 'instant' });
          let rows = 0;
          for (let i = 0; i < ${frames}; i++) {
            scroller.scrollTop += 300;
            await new Promise(requestAnimationFrame);
            rows = Math.max(rows, document.querySelectorAll('.tbody .tr').length);
          }
          return rows;
        })()`);
      });
      expect(rows).toBeGreaterThan(10);
      expect(rows).toBeLessThan(80);
      expect(ms / frames).toBeGreaterThan(0);
      expect(ms / frames).toBeLessThan(34);
      await page.locator('.scroller').press('End');
      await page.keyboard.press('End');
      await expect.poll(() => page.locator('.tbody .tr[aria-rowindex="10001"]').count()).toBe(1);
      await page.context().close();
    });

    test('are filtered and sorted at once', async () => {
      const { page } = await browser.open(text);
      await page.locator('.tbody .host').first().waitFor();
      const ms = await workOf(page, () => page.getByLabel('Search').fill('tw-recycle el7 group-3'));
      expect(ms).toBeLessThan(150);
      expect(await page.locator('#host-count').textContent()).toMatch(/^[\d,]+ hosts of 10,000$/);
      expect(new Set(await page.locator('.tbody .td.groups').allTextContents())).toEqual(new Set(['group-3']));
      await page.context().close();
    });
  });

  test('sorting goes by a click on a head, and is told', async () => {
    const { page } = await browser.open(report(small));
    expect((await hostNames(page)).slice(0, 2)).toEqual(['web12', 'web11']);
    await page.getByRole('button', { name: 'Host', exact: true }).click();
    expect((await hostNames(page)).slice(0, 2)).toEqual(['api1', 'api2']);
    expect(await page.locator('[role=columnheader].name').getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('button', { name: 'Host', exact: true }).click();
    expect((await hostNames(page))[0]).toBe('web12');
    const rate = page.locator('[role=columnheader].rate');
    await rate.getByRole('button').click();
    expect(await rate.getAttribute('aria-sort')).toBe('descending');
    expect((await hostNames(page))[0]).toBe('web12');
    await rate.getByRole('button').click();
    expect(await rate.getAttribute('aria-sort')).toBe('ascending');
    expect((await hostNames(page)).at(-1)).toBe('web12');
    await page.context().close();
  });

  test('filters narrow the table, and clear', async () => {
    const { page } = await browser.open(report(small));
    await page.getByLabel('Group').selectOption('api');
    expect(await hostNames(page)).toEqual(['api1', 'api2']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('State').selectOption('not-audited');
    expect(await hostNames(page)).toEqual(['old1']);
    await page.getByLabel('Search').fill('nothing has this name');
    expect(await page.locator('#host-count').textContent()).toBe('0 hosts of 16');
    await page.context().close();
  });

  test('the keyboard alone searches, moves, opens a host, walks on, and comes back', async () => {
    const { page } = await browser.open(report(small));
    await page.keyboard.press('/');
    await page.keyboard.type('web');
    await page.locator('.tbody .host').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe('web11');
    await page.keyboard.press('Enter');
    expect(await page.locator('#drawer-title').textContent()).toBe('web11');
    const drawer = page.locator('dialog');
    expect(await drawer.textContent()).toContain('TcpExt.PAWSPassive');
    expect(await drawer.textContent()).toContain('by /etc/sysctl.d/30-tuning.conf:4');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#drawer-title').textContent()).toBe('web10');
    await page.keyboard.press('Escape');
    expect(await drawer.isVisible()).toBe(false);
    expect(await focused(page)).toBe('web10');
    await page.context().close();
  });

  test('copy puts the command on the clipboard', async () => {
    const { page } = await browser.open(report(small), { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy commands' }).first().click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('sysctl -w net.ipv4.tcp_tw_recycle=0');
    await page.context().close();
  });

  test('copy without a clipboard works, and leaves the focus where it was', async () => {
    const { page } = await browser.open(report(small));
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))');
    await page.locator('button.copy').first().press('Enter');
    await expect.poll(() => focused(page)).toBe('Copied');
    await page.context().close();
  });

  test('arrow keys scroll a table that is too wide, and otherwise go from host to host', async () => {
    const { page } = await browser.open(report(small), { viewport: { width: 320, height: 640 } });
    await page.locator('.tbody .host').first().press('Enter');
    await page.locator('dialog .wide-table').first().press('ArrowRight');
    const scrolled = (): Promise<number> => page.evaluate('document.querySelector("dialog .wide-table").scrollLeft');
    await expect.poll(scrolled).toBeGreaterThan(0);
    expect(await page.locator('#drawer-title').textContent()).toBe('web12');
    await page.locator('#drawer-title').press('ArrowRight');
    expect(await page.locator('#drawer-title').textContent()).toBe('web11');
    await page.context().close();
  });

  test('text that people set larger is larger everywhere', async () => {
    const { page } = await browser.open(report(small));
    const sizes = (): Promise<number[]> =>
      page.evaluate(`[...document.querySelectorAll('.brand, .of, #host-count, .card p, .td, h2')]
        .map(each => parseFloat(getComputedStyle(each).fontSize))`);
    const before = await sizes();
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await sizes()).toEqual(before.map(size => expect.closeTo(size * 2, 3)));
    await page.context().close();
  });

  test('a kernel in the charts is named to its end', async () => {
    const kernel = '5.14.0-427.13.1.el9_4.x86_64';
    const { page } = await browser.open(report([...small, result('new1', { kernel })]));
    const cut = `[...document.querySelectorAll('.chart th')]
      .filter(each => each.scrollHeight > each.clientHeight).map(each => each.textContent)`;
    expect(await page.locator('.chart th', { hasText: kernel }).count()).toBe(1);
    expect(await page.evaluate(cut)).toEqual([]);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing serious (%s)', async colorScheme => {
    const { page } = await browser.open(report(small), { colorScheme });
    expect(await serious(page)).toEqual([]);
    await page.locator('details').evaluateAll('all => all.forEach(each => { each.open = true; })' as never);
    expect(await serious(page)).toEqual([]);
    await page.locator('.tbody .host').first().click();
    expect(await serious(page)).toEqual([]);
    await page.context().close();
  });

  test('whatever hosts say executes nothing, asks for nothing, and stays within the page', async () => {
    const hosts = [...hostileTexts.flatMap(text => [saying(text), failing(text)]), ...small];
    for (const width of [1280, 390]) {
      const { page, complaints } = await browser.open(report(hosts), { viewport: { width, height: 800 } });
      await page.locator('.tbody .host').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.locator('.tbody .host').first().click();
      for (let i = 0; i < hosts.length; i++) {
        const over = await page.evaluate(
          'document.querySelector("dialog").scrollWidth - document.querySelector("dialog").clientWidth',
        );
        expect(over, `host ${i}`).toBeLessThanOrEqual(0);
        await page.keyboard.press('ArrowRight');
      }
      await page.keyboard.press('Escape');
      expect(await page.locator('img, iframe, main svg[onload]').count()).toBe(0);
      await page.waitForTimeout(200);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  test('without scripts the summary, charts, fixes, failures and rules are there', async () => {
    const { page, complaints } = await browser.open(report(small), { javaScriptEnabled: false });
    const shown = await visibleText(page);
    for (const part of [
      '12 hosts lose or will lose connections',
      'web[01-12]',
      'sysctl -w net.ipv4.tcp_tw_recycle=0',
      'connection refused by old1',
      'The table of hosts needs JavaScript',
    ])
      expect(shown).toContain(part);
    expect(await page.locator('.charts svg.bar').count()).toBeGreaterThan(3);
    expect(await page.locator('button.copy:visible').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('prints, with everything unfolded', async () => {
    const { page } = await browser.open(report(small), { colorScheme: 'dark' });
    await page.evaluate(`matchMedia('print').addEventListener('change', ({ matches }) => {
      if (!matches) return;
      const plot = document.querySelector('.plot');
      const folded = document.querySelectorAll('details:not([open])').length;
      queueMicrotask(() => { window.onPaper = { folded, wide: plot.firstChild.offsetWidth - plot.clientWidth }; });
    })`);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await page.evaluate('window.onPaper')).toEqual({ folded: 0, wide: 0 });
    expect(await page.locator('details[open]').count()).toBe(0);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator('#hosts').isVisible()).toBe(false);
    expect(await visibleText(page)).toContain('How it is proved');
    await page.context().close();
  });
});
