/**
 * Takes the pictures of the pages in docs/images, with live data, on the `npm start`
 * that runs at the address given. It takes some minutes, so that there is something
 * to see on the administrator's charts; more workers make its lanes more colourful.
 *
 *   ADMIN_PASSWORD=password npm start
 *   ADMIN_PASSWORD=password node test/web/screenshots.ts http://127.0.0.1:3000 [admin]
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './support/browser.ts';
import { keepBusy } from './support/keep-busy.ts';
import { applied, card, raise, raiseButton, type Wish } from './support/raise.ts';

const PICTURES: { name: string; options: BrowserContextOptions }[] = [
  { name: 'light', options: { colorScheme: 'light', viewport: { width: 1180, height: 860 } } },
  { name: 'dark', options: { colorScheme: 'dark', viewport: { width: 1180, height: 860 } } },
  { name: 'phone', options: { viewport: { width: 390, height: 1360 }, isMobile: true, hasTouch: true } },
];

const WISHES: Wish[] = [
  { organization: 'Acme Water Works', title: 'No hot water on the third floor', priority: 'Urgent' },
  {
    organization: 'Borealis Energy',
    title: 'The meter in the cellar shows last year’s reading',
    description: 'It has stood at 48 213 since January. A photo is with the caretaker.',
    category: 'billing',
  },
  {
    organization: 'Acme Water Works',
    title: 'The tap drips',
    description: 'Kitchen, cold side.',
    priority: 'Low',
    category: 'plumbing',
  },
];

const ADMIN_HEIGHTS: Readonly<Record<string, number>> = { light: 1320, dark: 1320, phone: 2060 };
const BUSY_FOR_MS = 200_000;

const [address = 'http://127.0.0.1:3000', only] = process.argv.slice(2);
const browser = await openBrowser();
if (only !== 'admin') for (const picture of PICTURES) await takeClientPage(picture);
await takeAdminPages();
await browser.close();

async function takeClientPage({ name, options }: (typeof PICTURES)[number]): Promise<void> {
  const page = await open('/', options);
  await page.getByRole('button', { name: 'alice' }).click();
  await fill(page);
  await page.screenshot({ path: `docs/images/page-${name}.png` });
  await page.context().close();
}

async function takeAdminPages(): Promise<void> {
  const stop = new AbortController();
  const busy = keepBusy(address, stop.signal);
  const httpCredentials = { username: 'admin', password: process.env.ADMIN_PASSWORD ?? '' };
  await delay(BUSY_FOR_MS);
  for (const { name, options } of PICTURES) {
    const viewport = { width: options.viewport?.width ?? 1180, height: ADMIN_HEIGHTS[name] ?? 1320 };
    const page = await open('/admin', { ...options, viewport, httpCredentials });
    await page.getByLabel('5 min', { exact: true }).check();
    await page.locator('#lanes .amount', { hasText: /\d/ }).nth(3).waitFor();
    await page.screenshot({ path: `docs/images/admin-${name}.png` });
    await page.context().close();
  }
  stop.abort();
  await busy;
}

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(address + path);
  return page;
}

/** Issues that are there, one that waits for the connection, one that is being written. */
async function fill(page: Page): Promise<void> {
  await page.getByRole('option', { name: 'Borealis Energy' }).waitFor({ state: 'attached' });
  await page.locator('#issues-state', { hasText: 'Loading…' }).waitFor({ state: 'hidden' });
  for (const wish of WISHES) {
    if ((await card(page, wish.title).count()) > 0) continue;
    await raise(page, wish);
    await applied(page, wish.title);
  }
  await raiseButton(page).waitFor();
  await page.context().setOffline(true);
  await raise(page, {
    organization: 'Borealis Energy',
    title: 'The street lamp at number 12 flickers',
    priority: 'High',
  });
  await card(page, 'The street lamp at number 12 flickers').getByText('waiting to be sent').waitFor();
  await page.getByLabel('Title').fill('The boiler hums at night');
  await page.getByLabel('Description').fill('From about eleven until two.');
  await raiseButton(page).waitFor();
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
}
