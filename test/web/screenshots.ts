/**
 * Takes the pictures of the page in docs/images, with live data, on the `npm start`
 * that runs at the address given:
 *
 *   node test/web/screenshots.ts http://127.0.0.1:3000
 */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './support/browser.ts';
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

const [address = 'http://127.0.0.1:3000'] = process.argv.slice(2);
const browser = await openBrowser();
for (const { name, options } of PICTURES) {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('button', { name: 'alice' }).click();
  await fill(page);
  await page.screenshot({ path: `docs/images/page-${name}.png` });
  await context.close();
}
await browser.close();

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
