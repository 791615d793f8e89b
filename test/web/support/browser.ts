import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core';
import { CHROMIUM_PROGRAMS } from '../../../scripts/bootstrap/chromium.mjs';
import { findProgram } from '../../../scripts/bootstrap/debian-package.mjs';
import { ADMIN } from '../../support/system.ts';
import { tokenOf } from '../../support/tokens.ts';
import { WAIT_MS, waitFor } from '../../support/wait-for.ts';

/** Nothing of the browser's own on the network, and no profile but one that is thrown away. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? findProgram(CHROMIUM_PROGRAMS, process.env);
  if (executablePath === undefined) throw new Error('this test needs chromium on the PATH, or CHROMIUM_PATH');
  // Root, as in most containers, cannot have the sandbox; the only pages opened are our own.
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: FLAGS });
}

/** A tab, and all that went wrong in it: console errors, exceptions, failed requests, answers of 5xx but 503. */
export interface Tab {
  readonly page: Page;
  readonly wrong: readonly string[];
  /** The Idempotency-Key of each request that raised an issue. */
  readonly keys: readonly string[];
  /** Resolves when no request is open. */
  quiet(): Promise<unknown>;
}

/** Records what goes wrong in a tab from now on. */
export function watch(page: Page): Tab {
  const wrong: string[] = [];
  const keys: string[] = [];
  const open = new Set<Request>();
  page.on('request', request => {
    open.add(request);
    const key = request.headers()['idempotency-key'];
    if (key !== undefined) keys.push(key);
  });
  page.on('requestfinished', request => open.delete(request));
  page.on('requestfailed', request => open.delete(request));
  page.on('console', line => {
    if (line.type() === 'error' && !/ status of 503 /.test(line.text()))
      wrong.push(`console: ${line.text()}`);
  });
  page.on('pageerror', error => wrong.push(`exception: ${error.message}`));
  page.on('requestfailed', request => {
    if (!isEndedStream(request)) wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', response => {
    // 503 is what a busy machine may answer, and the page sends again.
    if (response.status() >= 500 && response.status() !== 503)
      wrong.push(`${response.status()}: ${response.url()}`);
  });
  return { page, wrong, keys, quiet: () => waitFor(() => open.size === 0) };
}

/** So Chromium reports every answer that a script has read as a stream, also one read to its proper end. */
function isEndedStream(request: Request): boolean {
  return request.url().endsWith('/events') && request.failure()?.errorText === 'net::ERR_ABORTED';
}

/** A user's browser: what its tabs store they share, and nobody else sees. */
export interface UserBrowser {
  /** Opens the page with the user's token in the fragment of its address. */
  openTab(): Promise<Tab>;
}

export async function openUserBrowser(
  browser: Browser,
  address: string,
  userId: string,
  options: BrowserContextOptions = {},
): Promise<UserBrowser> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(WAIT_MS);
  return {
    async openTab() {
      const tab = watch(await context.newPage());
      await tab.page.goto(`${address}/#token=${await tokenOf(userId)}`);
      return tab;
    },
  };
}

/** Opens the administrator's page, signed in. @param place what stands behind the # of its address */
export async function openAdminTab(
  browser: Browser,
  address: string,
  place = '',
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const httpCredentials = { username: ADMIN.user, password: ADMIN.password };
  const settings = { locale: 'en', reducedMotion: 'reduce', httpCredentials, ...options } as const;
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(WAIT_MS);
  const tab = watch(await context.newPage());
  await tab.page.goto(`${address}/admin${place}`);
  return tab;
}
