import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { domainOf } from '../support/domain-of.ts';
import { type StoreKind, type System, startSystem } from '../support/system.ts';
import { openBrowser, openUserBrowser, type Tab, watch } from './support/browser.ts';
import { applied, card, raise } from './support/raise.ts';

/*
 * The four cases of the design, by a person's hand: through the page in a real
 * browser, HTTP, queue, worker and database. What the issue behind this project
 * began with, a red console, is looked for in each.
 */

const STORES: StoreKind[] = ['redis', 'postgres'];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

async function setup(kind: StoreKind, demoUsers?: string[]) {
  const system = await startSystem(kind, demoUsers && { demoUsers });
  const a = await system.addOrganization({ name: 'Acme' });
  const b = await system.addOrganization({ name: 'Borealis' });
  return { system, a, b };
}

describe.for(STORES)('on the %s store, in a browser', kind => {
  let system: System;
  const tabs: Tab[] = [];
  const openTab = async (userId: string) => {
    const tab = await (await openUserBrowser(browser, system.address, userId)).openTab();
    tabs.push(tab);
    return tab.page;
  };

  afterEach(async () => {
    const wrong = tabs.splice(0).flatMap(tab => tab.wrong);
    await Promise.all(browser.contexts().map(context => context.close()));
    await system.close();
    expect(wrong).toEqual([]);
  });

  it('lets a customer of A raise an issue for B', async () => {
    const { a, b, ...rest } = await setup(kind);
    system = rest.system;
    const page = await openTab('ann');

    await raise(page, { organization: 'Acme', title: 'The tap drips' });
    const first = await applied(page, 'The tap drips');
    await raise(page, { organization: 'Borealis', title: 'The lamp flickers', priority: 'Urgent' });
    const second = await applied(page, 'The lamp flickers');

    expect(second).toBeGreaterThan(first);
    expect(await domainOf(system, 'ann')).toEqual({
      profiles: [b],
      customers: [a, b].sort(),
      issues: [a, b],
    });
    await card(page, 'The lamp flickers').getByText('Borealis').waitFor();
    await card(page, 'The tap drips').getByText('Acme').waitFor();
  });

  it('makes profile and customer for a user who has none', async () => {
    const { a, ...rest } = await setup(kind);
    system = rest.system;
    const page = await openTab('new');
    await page.getByText('You have no issues yet.').waitFor();

    await raise(page, { organization: 'Acme', title: 'The tap drips', category: 'plumbing' });
    await applied(page, 'The tap drips');

    expect(await domainOf(system, 'new')).toEqual({ profiles: [a], customers: [a], issues: [a] });
  });

  it('takes a second issue for the same organization, and shows both after a reload', async () => {
    const { a, ...rest } = await setup(kind);
    system = rest.system;
    const page = await openTab('ann');

    for (const title of ['The tap drips', 'It drips still']) {
      await raise(page, { organization: 'Acme', title });
      await applied(page, title);
    }
    await tabs[0]?.quiet();
    await page.reload();

    expect(await applied(page, 'It drips still')).toBeGreaterThan(await applied(page, 'The tap drips'));
    expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toEqual([
      'It drips still',
      'The tap drips',
    ]);
    expect(await domainOf(system, 'ann')).toEqual({ profiles: [a], customers: [a], issues: [a, a] });
  });

  it('takes issues of two users at once, each from two browsers', async () => {
    const { a, b, ...rest } = await setup(kind);
    system = rest.system;
    const users = ['ann', 'ann', 'ben', 'ben'];
    const pages = await Promise.all(users.map(openTab));

    await Promise.all(
      pages.map((page, n) => raise(page, { organization: n % 2 ? 'Acme' : 'Borealis', title: `Issue ${n}` })),
    );
    await Promise.all(pages.map((page, n) => applied(page, `Issue ${n}`)));

    for (const user of ['ann', 'ben']) {
      const { profiles, customers, issues } = await domainOf(system, user);
      expect(issues.toSorted()).toEqual([a, b].sort());
      expect(customers).toEqual([a, b].sort());
      expect(profiles).toEqual([issues.at(-1)]);
    }
  });

  it('says in plain words why an issue was rejected, and lets it be sent to another organization', async () => {
    const { a, b, ...rest } = await setup(kind);
    system = rest.system;
    const page = await openTab('ann');
    await page.getByRole('option', { name: 'Borealis' }).waitFor({ state: 'attached' });
    await system.orm.em.execute('update organizations set active = false where id = ?', [b]);

    await raise(page, { organization: 'Borealis', title: 'The lamp flickers' });
    const rejected = card(page, 'The lamp flickers');
    await rejected.getByText('rejected', { exact: true }).waitFor();
    await rejected.getByText('This organization does not take issues at the moment.').waitFor();
    await rejected.getByRole('button', { name: 'Correct and send again' }).click();
    await page.getByLabel('Organization').selectOption('Acme');
    await page.getByRole('button', { name: 'Raise issue' }).click();
    await applied(page, 'The lamp flickers');

    expect(await card(page, 'The lamp flickers').count()).toBe(1);
    expect((await domainOf(system, 'ann')).issues).toEqual([a]);
  });
});

it('signs a demonstration user in by a click, and out again', async () => {
  const { system } = await setup('redis', ['alice', 'bob']);
  const { page, wrong } = watch(await browser.newPage());

  await page.goto(system.address);
  await page.getByRole('button', { name: 'alice' }).click();
  await raise(page, { organization: 'Acme', title: 'The tap drips' });
  await applied(page, 'The tap drips');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'bob' }).click();
  await page.getByText('You have no issues yet.').waitFor();

  expect(await page.getByText('The tap drips').count()).toBe(0);
  expect(wrong).toEqual([]);
  await page.close();
  await system.close();
});
