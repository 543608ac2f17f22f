// A real browser that is watched: whatever a page asks for elsewhere, breaks of its policy and faults of its scripts are
// failures of the test.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const chromium_path = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why the browser tests cannot run; undefined: they can. In CI that is a failure. */
export function why_not() {
  if (existsSync(chromium_path)) return undefined;
  if (process.env.CI === 'true') throw new Error(`no Chromium at ${chromium_path}`);
  return `SKIPPED: no Chromium at ${chromium_path}`;
}

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export class Browser {
  static async start() {
    const browser = new Browser();
    // Chromium refuses to run as root inside its own sandbox; these pages are the project's own.
    browser.chromium = await chromium.launch({ executablePath: chromium_path, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    return browser;
  }

  stop() {
    return this.chromium.close();
  }

  /** A page of `server`, with `page.faults`: everything that must not happen. */
  async open(server, path = '#/', { viewport = desktop, dark = false, is_phone = false } = {}) {
    const context = await this.chromium.newContext({
      viewport,
      colorScheme: dark ? 'dark' : 'light',
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...(is_phone ? { hasTouch: true, isMobile: true } : {}),
    });
    const page = await context.newPage();
    page.faults = [];
    const own = new URL(server.url).host;
    page.on('request', (request) => {
      const { host, protocol } = new URL(request.url());
      if (host !== own && protocol !== 'blob:' && protocol !== 'data:') page.faults.push(`asked ${request.url()}`);
    });
    page.on('pageerror', (error) => page.faults.push(`script: ${error.stack ?? error}`));
    page.on('console', (message) => {
      // The browser itself tells of every answer that is an error and of a connection that broke; those are tested for
      // what the page makes of them.
      const expected = /Failed to load resource|WebSocket connection to|ERR_CONNECTION/.test(message.text());
      if (message.type() === 'error' && !expected) page.faults.push(`console: ${message.text()}`);
    });
    await page.goto(`${server.url}/${path}`);
    return page;
  }
}
