import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why no page can be opened here, in one line; null if it can. */
export const lackingChromium: string | null = existsSync(executablePath) ? null : `no ${executablePath}`;

/** A page of a file, and everything that it did which a report must not do. */
export interface Opened {
  readonly page: Page;
  /** Dialogs, requests beyond the file itself, messages on the console, exceptions. */
  readonly complaints: readonly string[];
}

export interface Chromium {
  /** Opens a text as a file, as from a mail: no server behind it. */
  open(text: string, options?: BrowserContextOptions): Promise<Opened>;
  close(): Promise<void>;
}

/** The browser of the system, without a network of its own. */
export async function startChromium(): Promise<Chromium> {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const directory = mkdtempSync(join(tmpdir(), 'synaudit-report-'));
  let files = 0;
  return {
    async open(text, options = {}) {
      const file = join(directory, `report-${files++}.html`);
      writeFileSync(file, text);
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const address = pathToFileURL(file).href;
      const complaints: string[] = [];
      page.on('dialog', dialog => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', request => {
        if (request.url() !== address) complaints.push(`request: ${request.url().slice(0, 200)}`);
      });
      page.on('console', message => complaints.push(`console: ${message.text()}`));
      page.on('pageerror', error => complaints.push(`exception: ${error.message}`));
      await page.goto(address);
      return { page, complaints };
    },
    async close() {
      await browser.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
