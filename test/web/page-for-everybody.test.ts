import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';
import { seriousViolations } from './support/axe.ts';
import { openBrowser, openUserBrowser, type Tab, watch } from './support/browser.ts';
import { applied, card, raise, raiseButton } from './support/raise.ts';

/*
 * The page without a mouse, for a screen reader, in light and dark, on a phone.
 */

let browser: Browser;
let system: System;
beforeAll(async () => {
  browser = await openBrowser();
  system = await startSystem('redis');
  await system.addOrganization({ name: 'Acme' });
  await system.addOrganization({ name: 'Borealis' });
});
afterAll(async () => {
  await browser?.close();
  await system?.close();
});
afterEach(() => Promise.all(browser.contexts().map(context => context.close())));

async function openTab(options: BrowserContextOptions = {}): Promise<Tab> {
  return (await openUserBrowser(browser, system.address, crypto.randomUUID(), options)).openTab();
}

it('can be used by the keyboard alone, from the first key to the issue', async () => {
  const { page, wrong } = await openTab();
  await page.getByRole('option', { name: 'Borealis' }).waitFor({ state: 'attached' });
  const { keyboard } = page;
  const onto = async (name: string) => {
    await keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.name || document.activeElement.id')).toBe(name);
  };

  await onto('sign-out');
  await onto('organizationId');
  await keyboard.type('Bor');
  await onto('title');
  await keyboard.type('The lamp flickers');
  await onto('description');
  await keyboard.type('Since Monday.');
  await onto('priority');
  await keyboard.press('ArrowRight');
  await onto('category');
  await onto('raise');
  await keyboard.press('Enter');
  await applied(page, 'The lamp flickers');

  await card(page, 'The lamp flickers').getByText('High priority').waitFor();
  await card(page, 'The lamp flickers').getByText('Borealis').waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('title');
  expect(wrong).toEqual([]);
});

it('moves to the first field that is wrong, and says why', async () => {
  const { page } = await openTab();
  await page.getByRole('option', { name: 'Acme' }).waitFor({ state: 'attached' });

  await raiseButton(page).press('Enter');

  expect(await page.evaluate('document.activeElement.id')).toBe('organizationId');
  expect(
    await page
      .getByRole('combobox', { name: 'Organization', description: 'Choose an organization.' })
      .count(),
  ).toBe(1);
  expect(
    await page.getByRole('textbox', { name: 'Title', description: 'Give the issue a title.' }).count(),
  ).toBe(1);
});

it('tells a screen reader what becomes of an issue', async () => {
  const { page } = await openTab();

  await raise(page, { organization: 'Acme', title: 'The tap drips' });

  await page
    .getByRole('status')
    .getByText(/^The tap drips: applied #\d+$/)
    .waitFor({ state: 'attached' });
});

it('loads older issues as their list is scrolled to its end', async () => {
  const userId = crypto.randomUUID();
  const [organization] = await system.orm.em.execute<{ id: string }[]>(
    'select id from organizations limit 1',
  );
  await Promise.all(
    Array.from({ length: 45 }, (_, n) =>
      system.raise(userId, organization?.id ?? '', { title: `Issue ${n}` }),
    ),
  );
  const { page, wrong } = await (await openUserBrowser(browser, system.address, userId)).openTab();
  const cards = page.getByRole('region', { name: 'My issues' }).getByRole('listitem');

  await cards.nth(19).waitFor();
  expect(await cards.count()).toBe(20);
  await cards.nth(19).scrollIntoViewIfNeeded();
  await cards.nth(39).scrollIntoViewIfNeeded();
  await cards.nth(44).waitFor();

  expect(new Set(await cards.getByRole('heading').allTextContents()).size).toBe(45);
  expect(await cards.getByRole('time').first().textContent()).toMatch(/^just now$|^\d minutes? ago$/);
  expect(await page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false);
  expect(wrong).toEqual([]);
});

it.for<{ name: string; options: BrowserContextOptions }>([
  { name: 'in light colours', options: { colorScheme: 'light' } },
  { name: 'in dark colours', options: { colorScheme: 'dark' } },
  { name: 'on a phone', options: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
])('has nothing that axe finds serious, $name', async ({ options }) => {
  const { page } = await openTab(options);
  await page.getByRole('option', { name: 'Acme' }).waitFor({ state: 'attached' });

  await raise(page, {
    organization: 'Acme',
    title: 'An issue '.repeat(20),
    priority: 'Urgent',
    category: 'taps',
  });
  await raise(page, {
    organization: 'Acme',
    title: 'The tap drips',
    priority: 'High',
    description: 'Drop by drop.',
  });
  await applied(page, 'The tap drips');
  await showEveryStatus(page);
  await raiseButton(page).click();
  await page.getByText('Give the issue a title.').waitFor();
  const desk = await seriousViolations(page);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await page.getByRole('button', { name: 'Sign out' }).click();

  expect(desk).toEqual([]);
  expect(await seriousViolations(page)).toEqual([]);
});

/** Refused and waiting ones take an outage to see; here what the page has stored of them is enough. */
async function showEveryStatus(page: Page): Promise<void> {
  const userId = (await page.locator('#user').textContent()) ?? '';
  const body = { organizationId: crypto.randomUUID(), title: 'Something', priority: 'high' };
  const entry = { userId, body, createdAt: Date.now(), attempts: 1, nextTryAt: Date.now() + 3_600_000 };
  const error = { code: 'profile_suspended', detail: 'it is' };
  const entries = [
    { ...entry, status: 'rejected', error },
    { ...entry, status: 'failed', error: { ...error, code: 'internal_error' } },
    { ...entry, status: 'waiting', trouble: 'queue_unavailable' },
    { ...entry, status: 'waiting', attempts: 0 },
    { ...entry, status: 'processing' },
    { ...entry, status: 'queued' },
  ];
  for (const [key, each] of entries.entries()) {
    const change = {
      key: `issue-intake:entry:${key}`,
      newValue: JSON.stringify({ ...each, key: String(key) }),
    };
    await page.evaluate(({ key: name, newValue }) => localStorage.setItem(name, newValue), change);
    await page.evaluate(`dispatchEvent(new StorageEvent('storage', ${JSON.stringify(change)}))`);
  }
  await card(page, 'Something').nth(5).waitFor();
}

it('says so when a text is not an access token', async () => {
  const { page, wrong } = watch(await (await browser.newContext()).newPage());
  await page.goto(system.address);

  await page.getByLabel('Access token').fill('hello');
  await page.getByLabel('Access token').press('Enter');

  await page.getByText('This is not an access token.').waitFor();
  expect(wrong).toEqual([]);
});
