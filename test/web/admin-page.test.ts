import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { untilRefused } from '../api/support/as-admin.ts';
import { type System, type SystemOptions, startSystem } from '../support/system.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { seriousViolations } from './support/axe.ts';
import { openAdminTab, openBrowser } from './support/browser.ts';

/*
 * The administrator's page: what it shows is what the database says.
 */

const RAISE = '/api/client/issues/raise';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: SystemOptions = {}): Promise<System> {
  const system = await startSystem('redis', options);
  cleanUps.push(() => system.close());
  cleanUps.push(() => Promise.all(browser.contexts().map(context => context.close())));
  return system;
}

async function search(page: Page, text: string): Promise<void> {
  await page.getByLabel('Find a submission').fill(text);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('heading', { name: `Found for “${text}”` }).waitFor();
}

async function countOf({ orm }: System, table: 'issues' | 'refusals'): Promise<number> {
  const [row] = await orm.em.execute<{ count: string }[]>(`select count(*) from ${table}`);
  return Number(row?.count);
}

it('agrees with the database after 1,000 submissions by 50 users', async () => {
  const system = await start();
  const open = await system.addOrganization({ name: 'Acme' });
  const closed = await system.addOrganization({ name: 'Borealis', active: false });
  const { page, wrong } = await openAdminTab(browser, system.address);
  await page.getByText('Live', { exact: true }).first().waitFor();

  await Promise.all(
    Array.from({ length: 50 }, async (_, user) => {
      for (let n = 0; n < 20; n++) {
        const body = { organizationId: n % 10 === user % 10 ? closed : open, title: `Issue ${n}` };
        const { status } = await system.send(`user ${user}`, 'POST', RAISE, { body });
        expect(status).toBe(202);
      }
    }),
  );
  const ended = async () => (await countOf(system, 'issues')) + (await countOf(system, 'refusals'));
  await waitFor(async () => (await ended()) === 1_000);
  const [issues, refusals] = [await countOf(system, 'issues'), await countOf(system, 'refusals')];
  await page.locator('#total-accepted', { hasText: '1,000' }).waitFor();
  await page.locator('#total-applied', { hasText: `${issues}` }).waitFor();
  await page.locator('#total-rejected', { hasText: `${refusals}` }).waitFor();
  await page.locator('#total-waiting', { hasText: /^0$/ }).waitFor();

  expect([issues, refusals]).toEqual([900, 100]);
  expect(await page.locator('#total-failed').textContent()).toBe('0');
  const byCode = page.getByRole('img', { name: `organization inactive: ${refusals},` });
  await byCode.waitFor();
  expect(await page.locator('#lanes > li').count()).toBe(4);
  expect(await page.locator('#lanes').getByText('; run by worker').count()).toBe(4);
  expect(wrong).toEqual([]);
});

it('finds by user, submission, key and organization, and shows the life of what was found', async () => {
  const system = await start();
  const organization = await system.addOrganization({ name: 'Acme Water Works' });
  const { body } = await system.raise('ann lee', organization, {}, { 'idempotency-key': 'order-7' });
  await system.raise('bob', await system.addOrganization({ name: 'Borealis' }));
  const id = String(body.submissionId);
  const { page, wrong } = await openAdminTab(browser, system.address);
  const found = page.locator('.found').getByRole('link');

  for (const text of ['ann lee', id, 'order-7', 'ann lee order-7', organization, 'water works']) {
    await search(page, text);
    await found.first().waitFor();
    expect([text, await found.allTextContents()]).toEqual([text, [id]]);
  }
  await search(page, 'nobody');
  await page.getByText('Nothing was found.').waitFor();
  await page.goBack();
  await found.click();

  await page.getByText('Applied as issue #1').waitFor();
  const life = page.getByRole('region', { name: 'The life of a submission' });
  await life.getByText('with an Idempotency-Key').waitFor();
  await life.getByText('alone in its batch').waitFor();
  expect(await life.getByRole('button', { name: 'Redrive…' }).count()).toBe(0);
  expect(await page.content()).not.toContain('The tap drips');
  expect(wrong).toEqual([]);
});

it('shows from where to where an issue moved its user', async () => {
  const system = await start();
  await system.raise('ann', await system.addOrganization({ name: 'Acme' }));
  const { body } = await system.raise('ann', await system.addOrganization({ name: 'Borealis' }));
  const { page, wrong } = await openAdminTab(browser, system.address, `#submission=${body.submissionId}`);

  await page.getByText('Moved the user’s primary organization').waitFor();
  await page.getByText('from Acme to Borealis').waitFor();
  expect(wrong).toEqual([]);
});

it('redrives a rejected submission, and shows how it becomes an issue', async () => {
  const system = await start();
  const organization = await system.addOrganization({ name: 'Acme', active: false });
  // Its job is marked as failed a moment after the answer, and can be redriven from then on.
  const id = await untilRefused(system, await system.raise('ann', organization));
  const { page, wrong } = await openAdminTab(browser, system.address, `#submission=${id}`);
  await page.getByText('Rejected: organization inactive').waitFor();
  await system.orm.em.execute('update organizations set active = true');

  await page.getByRole('button', { name: 'Redrive…' }).click();
  await page.getByRole('button', { name: 'Leave it' }).click();
  expect(await countOf(system, 'issues')).toBe(0);
  await page.getByRole('button', { name: 'Redrive…' }).click();
  await page.getByRole('button', { name: 'Redrive', exact: true }).click();
  await page.getByText('Applied as issue #1').waitFor();

  await page.getByText('Redriven', { exact: true }).waitFor();
  expect(await countOf(system, 'issues')).toBe(1);
  expect(wrong).toEqual([]);
});

it('offers no redriving where actions are not allowed, and titles where they are shown', async () => {
  const system = await start({ allowActions: false, showContent: true });
  const organization = await system.addOrganization({ active: false });
  const id = String((await system.raise('ann', organization)).body.submissionId);
  const { page } = await openAdminTab(browser, system.address, `#submission=${id}`);

  await page.getByText('Rejected: organization inactive').waitFor();

  await page.getByText('The tap drips').waitFor();
  await page.getByText('Redriving is off here; ADMIN_ACTIONS=1 allows it.').waitFor();
  expect(await page.getByRole('button', { name: 'Redrive…' }).count()).toBe(0);
});

it('leads to the job on Bull Board, and Bull Board leads back', async () => {
  const system = await start();
  const id = String((await system.raise('ann', await system.addOrganization())).body.submissionId);
  const { page, wrong } = await openAdminTab(browser, system.address, `#submission=${id}`);

  await page.getByRole('link', { name: 'Its job on Bull Board' }).click();
  const back = page.locator(`a[href="/admin#submission=${id}"]`).first();
  await back.waitFor();

  expect(page.url()).toContain('/admin/queues/queue/');
  await page.goto(`${system.address}${await back.getAttribute('href')}`);
  await page.getByText('Applied as issue #1').waitFor();
  expect(wrong).toEqual([]);
});

it('shows who is told by webhook and who was not, those in trouble first', async () => {
  const system = await start();
  const { page: empty } = await openAdminTab(browser, system.address);
  await empty.locator('#total-accepted').waitFor();
  const hidden = empty.waitForResponse(/webhooks\/endpoints/);
  await empty.reload();
  await (await hidden).finished();
  expect(await empty.getByRole('heading', { name: 'Webhooks' }).count()).toBe(0);
  const organization = await system.addOrganization({ name: 'Acme' });
  for (const [place, isActive] of [
    ['well', true],
    ['off', false],
    ['failing', true],
    ['lost', true],
  ]) {
    await system.orm.em.execute(
      `insert into webhook_endpoints (organization_id, url, active, ordered, secret)
       values (?, ?, ?, true, 'whsec_hidden')`,
      [organization, `https://crm.example/${place}?key=hidden`, isActive],
    );
  }
  await system.orm.em.execute(
    `insert into webhook_deliveries
       (endpoint_id, position, entry, place, submission_id, status, user_id, decided_at, failure, failed_at)
     select id, n, 1, 0, gen_random_uuid(), 'applied', 'ann', now(), 'answered 500',
            case when url like '%lost%' then now() end
       from webhook_endpoints, generate_series(1, 1200) n where url like '%lost%' or url like '%failing%'`,
  );

  const { page, wrong } = await openAdminTab(browser, system.address);
  const webhooks = page.getByRole('region', { name: 'Webhooks' });
  await webhooks.waitFor();

  const rows = await webhooks.getByRole('listitem').allInnerTexts();
  expect(rows.map(row => row.split(/\s*\n\s*/).slice(0, 2))).toEqual([
    ['crm.example/lost', '1,200 given up'],
    ['crm.example/failing', 'failing'],
    ['crm.example/well', 'well'],
    ['crm.example/off', 'inactive'],
  ]);
  expect(rows[1]).toContain('1,200 undelivered');
  expect(rows[1]).toContain('last failure: answered 500');
  expect(rows[1]).toContain(organization);
  expect(await page.content()).not.toMatch(/whsec|key=/);
  expect(await seriousViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(wrong).toEqual([]);
});

it('says when the service does not answer, and how old is what it shows, and goes on when it does', async () => {
  const system = await start({ withWorker: false });
  const network = await openTcpProxy(system.address);
  cleanUps.push(() => network.close());
  const body = { organizationId: await system.addOrganization(), title: 'The tap drips' };
  const { submissionId } = (await system.send('ann', 'POST', RAISE, { body })).body;
  const address = network.url.replace(/\/$/, '');
  const { page } = await openAdminTab(browser, address, `#submission=${submissionId}`);
  const state = page.locator('#state-text');
  await state.getByText('Live').waitFor();

  network.cut();
  await page
    .getByRole('alert')
    .getByText(/^The service does not answer\. What is shown is as of \d\d:\d\d:\d\d\./)
    .waitFor();
  expect(await state.textContent()).toBe('No answer');
  await page.getByText('The service does not answer.', { exact: true }).waitFor();
  await system.startWorker();
  network.mend();
  await state.getByText('Live').waitFor();

  expect(await page.getByRole('alert').count()).toBe(0);
  await page.getByText('Applied as issue #1').waitFor();
});

it('can be used by the keyboard alone', async () => {
  const system = await start();
  const organization = await system.addOrganization({ active: false });
  const id = String((await system.raise('ann', organization)).body.submissionId);
  const { page, wrong } = await openAdminTab(browser, system.address);
  const { keyboard } = page;
  await page.getByLabel('Find a submission').focus();
  await system.orm.em.execute('update organizations set active = true');

  await keyboard.type('ann');
  await keyboard.press('Enter');
  await page.locator('.found').getByText(id).waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('result-heading');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.getByText('Rejected: organization inactive').waitFor();
  await page.getByRole('button', { name: 'Redrive…' }).press('Enter');
  await keyboard.press('Enter');
  await page.getByText('Applied as issue #1').waitFor();

  expect(wrong).toEqual([]);
});

it.for<{ name: string; options: BrowserContextOptions }>([
  { name: 'in light colours', options: { colorScheme: 'light' } },
  { name: 'in dark colours', options: { colorScheme: 'dark' } },
  { name: 'on a phone', options: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
])('has nothing that axe finds serious, $name', async ({ options }) => {
  const system = await start({ lanes: 16 });
  const closed = await system.addOrganization({ name: 'Borealis', active: false });
  const open = await system.addOrganization({ name: 'Acme' });
  const id = String((await system.raise('ann', closed)).body.submissionId);
  await system.raise('ann', open);
  const { page } = await openAdminTab(browser, system.address, '', options);
  await page.locator('#total-applied', { hasText: '1' }).waitFor();

  await search(page, 'ann');
  await page.locator('.found').getByText(id).waitFor();
  const found = await seriousViolations(page);
  await page.locator('.found').getByText(id).click();
  await page.getByText('Rejected: organization inactive').waitFor();
  const life = await seriousViolations(page);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await page.getByRole('button', { name: 'Redrive…' }).click();

  expect(found).toEqual([]);
  expect(life).toEqual([]);
  expect(await seriousViolations(page)).toEqual([]);
});
