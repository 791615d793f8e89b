import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type System, startSystem } from '../support/system.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { expiredTokenOf, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { openBrowser, openUserBrowser } from './support/browser.ts';
import { applied, card, fillForm, raise, raiseButton } from './support/raise.ts';

/*
 * The page when something is in its way. Whatever it is: what was written is not
 * lost, and does not become two issues.
 */

const ORGANIZATION = 'Acme';
const TITLE = 'The tap drips';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Place {
  readonly system: System;
  readonly redis: RedisServer;
  /** Between browser and API. */
  readonly network: TcpProxy;
  readonly openTab: Awaited<ReturnType<typeof openUserBrowser>>['openTab'];
}

async function place(): Promise<Place> {
  const redis = await startRedis();
  cleanUps.push(() => redis.stop());
  const system = await startSystem('redis', { queueUrl: redis.url });
  cleanUps.push(() => system.close());
  await system.addOrganization({ name: ORGANIZATION });
  const network = await openTcpProxy(system.address);
  cleanUps.push(() => network.close());
  cleanUps.push(() => Promise.all(browser.contexts().map(context => context.close())));
  const { openTab } = await openUserBrowser(browser, network.url.replace(/\/$/, ''), 'ann');
  return { system, redis, network, openTab };
}

/** By number. */
async function issues({ system }: Pick<Place, 'system'>): Promise<string[]> {
  const rows = await system.orm.em.execute<{ title: string }[]>('select title from issues order by number');
  return rows.map(({ title }) => title);
}

it('makes one issue of a double click', async () => {
  const { openTab, system } = await place();
  const { page, wrong, keys } = await openTab();
  await fillForm(page, { organization: ORGANIZATION, title: TITLE });

  await raiseButton(page).dblclick({ delay: 40 });
  await applied(page, TITLE);

  expect(await issues({ system })).toEqual([TITLE]);
  expect(keys).toHaveLength(1);
  expect(await page.locator('[aria-invalid]').count()).toBe(0);
  expect(wrong).toEqual([]);
});

it('sends again with the same key when the answer was lost with the connection', async () => {
  const { openTab, network, system } = await place();
  const { page, keys } = await openTab();
  await fillForm(page, { organization: ORGANIZATION, title: TITLE });

  network.slow(1_500);
  await raiseButton(page).click();
  await waitFor(async () => (await issues({ system })).length === 1);
  network.cut();
  await card(page, TITLE).getByText('waiting to be sent').waitFor();
  await card(page, TITLE).getByText('There is no connection to the service.').waitFor();
  network.mend();
  await applied(page, TITLE);

  expect(await issues({ system })).toEqual([TITLE]);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
});

it('keeps what was written through a 503 phase and a reload, and sends it in order', async () => {
  const { openTab, redis, system } = await place();
  const { page, keys } = await openTab();
  await page.getByRole('option', { name: ORGANIZATION }).waitFor({ state: 'attached' });

  redis.freeze();
  for (const title of ['First', 'Second']) await raise(page, { organization: ORGANIZATION, title });
  await card(page, 'First').getByText('The service cannot take issues just now.').waitFor();
  await card(page, 'First')
    .getByText(/Next try (in \d+\ss|now)\./)
    .waitFor();
  await page.reload();
  await card(page, 'Second').waitFor();
  await card(page, 'First').getByText('waiting to be sent').waitFor();
  redis.thaw();
  await applied(page, 'First');
  await applied(page, 'Second');

  expect(await issues({ system })).toEqual(['First', 'Second']);
  expect(new Set(keys).size).toBe(2);
});

it('follows an issue again when the stream of its events broke', async () => {
  const { openTab, network, system } = await place();
  const { page } = await openTab();
  const lock = await holdUserLane(system);

  await raise(page, { organization: ORGANIZATION, title: TITLE });
  await card(page, TITLE)
    .getByText(/^(queued|processing)$/)
    .waitFor();
  network.cut();
  network.mend();
  await lock.release();

  await applied(page, TITLE);
});

it('shows in two tabs of one user the same, and makes one issue of each', async () => {
  const { openTab, system } = await place();
  const [one, other] = [await openTab(), await openTab()];

  await Promise.all([
    raise(one.page, { organization: ORGANIZATION, title: 'From one' }),
    raise(other.page, { organization: ORGANIZATION, title: 'From the other' }),
  ]);
  for (const { page } of [one, other]) {
    await applied(page, 'From one');
    await applied(page, 'From the other');
    expect(await page.getByRole('listitem').count()).toBe(2);
  }

  expect((await issues({ system })).sort()).toEqual(['From one', 'From the other']);
  expect([...one.wrong, ...other.wrong]).toEqual([]);
});

it('asks to sign in again when the token has expired, and loses nothing', async () => {
  const { openTab, redis, system } = await place();
  const { page } = await openTab();
  await page.getByRole('option', { name: ORGANIZATION }).waitFor({ state: 'attached' });

  redis.freeze();
  await raise(page, { organization: ORGANIZATION, title: TITLE });
  await card(page, TITLE).getByText('waiting to be sent').waitFor();
  await page.getByLabel('Title').fill('Half a thought');
  await page.goto(`${new URL(page.url()).origin}/#token=${await expiredTokenOf('ann')}`);
  await page.getByText('Your sign-in has expired.').waitFor();
  redis.thaw();
  await page.getByLabel('Access token').fill(await tokenOf('ann'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await applied(page, TITLE);

  expect(await page.getByLabel('Title').inputValue()).toBe('Half a thought');
  expect(page.url()).not.toContain('token');
  expect(await issues({ system })).toEqual([TITLE]);
});

it('shows what the API finds wrong at its field, and keeps the form as it was', async () => {
  const { openTab, system } = await place();
  const { page } = await openTab();
  const tooLong = 'x'.repeat(201);

  await page.evaluate('document.getElementById("title").removeAttribute("maxlength")');
  await raise(page, { organization: ORGANIZATION, title: tooLong });
  await page.getByText('This must not have more than 200 characters.').waitFor();

  expect(await page.getByLabel('Title').inputValue()).toBe(tooLong);
  expect(await page.getByLabel('Title').getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByRole('listitem').count()).toBe(0);
  await raise(page, { organization: ORGANIZATION, title: TITLE });
  await applied(page, TITLE);
  expect(await issues({ system })).toEqual([TITLE]);
});

/** Nothing becomes an issue until it is released. */
async function holdUserLane(system: System): Promise<{ release(): Promise<unknown> }> {
  const em = system.orm.em.fork();
  await em.begin();
  await em.execute('lock table issues in access exclusive mode');
  return { release: () => em.rollback() };
}
