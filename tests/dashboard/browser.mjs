// A real browser that is watched: whatever a page asks for elsewhere, breaks of its policy and faults of its scripts are
// failures of the test.
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
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
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    // A page that is given from a folder has no address in the network; it may still ask the server beside it.
    if (process.env.DASHBOARD_DIST) args.push('--disable-features=BlockInsecurePrivateNetworkRequests,LocalNetworkAccessChecks');
    // Chromium refuses to run as root inside its own sandbox; these pages are the project's own.
    browser.chromium = await chromium.launch({ executablePath: chromium_path, args });
    return browser;
  }

  stop() {
    return this.chromium.close();
  }

  /** A page of `server`, with `page.faults`: everything that must not happen. */
  async open(server, path = '#/', { viewport = desktop, dark = false, is_phone = false, more = {} } = {}) {
    const context = await this.chromium.newContext({
      viewport,
      colorScheme: dark ? 'dark' : 'light',
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...more,
      ...(is_phone ? { hasTouch: true, isMobile: true } : {}),
    });
    if (process.env.DASHBOARD_DIST) await serve_folder(context, server, process.env.DASHBOARD_DIST);
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

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/** Shows the page from a folder that `npx vite build` made, in place of the one inside the program, under the same policy. */
async function serve_folder(context, server, folder) {
  const { headers } = await fetch(`${server.url}/`);
  const policy = headers.get('content-security-policy');
  await context.route(({ origin, pathname }) => origin === server.url && !/^\/(api|docs|metrics)/.test(pathname), (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(path)) return route.fulfill({ status: 404 });
    return route.fulfill({
      headers: { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', ...(policy ? { 'Content-Security-Policy': policy } : {}) },
      body: readFileSync(path),
    });
  });
}

/** Answers the open question with yes, and waits until it is gone. */
export async function confirm(page) {
  const dialog = page.locator('dialog[open]');
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
}

/** A text that is shown, without what only lays it out. */
export async function words(locator) {
  return ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim();
}

/** What makes the page scroll too_wide, which it never should; usually nothing. */
export function too_wide(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const beyond = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth - clientWidth} pixels`, ...beyond.slice(0, 8).map((element) => `${element.tagName} ${element.getAttribute('class') ?? ''}`)];
  });
}
