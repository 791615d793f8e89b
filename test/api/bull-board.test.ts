import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BOARD_NAMES } from '../../src/api/bull-board-style.ts';
import { allLanes, laneQueueName } from '../../src/lanes.ts';
import { JOB_NAME, openQueueStore, type QueueStore } from '../../src/queue-store.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';
import { openApp } from './support/open-app.ts';

const ADMIN = { user: 'admin', password: 'hunter2:ä', showContent: false, allowActions: true };
const BOARD = '/admin/queues';
const LANES = allLanes(2);
/** As the board's page writes the second lane into its addresses. */
const LANE_NAME = 'lanes 0-1: {lane-01-02}';
const LANE_URL = `${BOARD}/api/queues/${encodeURIComponent(LANE_NAME)}`;

const STORES = {
  Redis: freshRedisUrl,
  PostgreSQL: async () => (await freshDatabase({ holdsLanes: true })).url,
};

async function openBoard(storeUrl: string, settings: Partial<typeof ADMIN> = {}) {
  const store = openQueueStore({ url: storeUrl, role: 'worker', log: pino({ level: 'silent' }) });
  const queues = LANES.map(lane => store.openQueue(laneQueueName(lane)));
  await Promise.all(queues.map(queue => queue.waitUntilReady()));
  const lanes = [{ epoch: { number: 1, lanes: LANES.length }, queues }];
  const { app } = await openApp({ admin: { ...ADMIN, ...settings, lanes: () => lanes } });
  onTestFinished(() => store.close());
  return { app, queues, store };
}

function asAdmin(app: FastifyInstance, request: InjectOptions) {
  const authorization = basic(ADMIN.user, ADMIN.password);
  return app.inject({ ...request, headers: { ...request.headers, authorization } });
}

/** Takes the next job of the second lane as a worker does, and rejects it. */
async function rejectNext(store: QueueStore): Promise<void> {
  const consumer = store.openConsumer({ index: 1, of: 2 });
  onTestFinished(() => consumer.close());
  const job = await waitFor(() => consumer.next());
  const outcome = { status: 'rejected', code: 'organization_not_found', detail: 'there is none' } as const;
  await consumer.finish([{ job, outcome }], false);
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

const DATA = {
  userId: 'ada',
  organizationId: 'o',
  title: 'Door',
  description: 'secret',
  email: 'ada@example.com',
};

describe('who may see it', () => {
  test.each([
    ['no credentials', undefined, 'admin_credentials_missing'],
    ['a token', 'Bearer x', 'admin_credentials_missing'],
    ['another password', basic('admin', 'hunter3'), 'admin_credentials_wrong'],
    ['another user', basic('root', ADMIN.password), 'admin_credentials_wrong'],
    ['a password cut short', basic('admin', 'hunter2'), 'admin_credentials_wrong'],
    ['nothing in both', basic('', ''), 'admin_credentials_wrong'],
  ])('with %s nothing of it is shown', async (_what, authorization, code) => {
    const { app } = await openApp({ admin: { ...ADMIN, lanes: () => [] } });

    for (const url of [BOARD, `${BOARD}/`, `${BOARD}/api/queues`, `${BOARD}/static/favicon-32x32.png`]) {
      const response = await app.inject({
        url,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.json()).toMatchObject({ status: 401, code });
      expect(response.headers['www-authenticate']).toMatch(/^Basic realm="issue-intake"/);
    }
  });

  test('without a password it is not there', async () => {
    const { app } = await openApp();

    expect((await asAdmin(app, { url: BOARD })).statusCode).toBe(404);
  });
});

describe('the page', () => {
  test('all that it loads is there, and nothing comes from elsewhere', async () => {
    const { app } = await openApp({ admin: { ...ADMIN, lanes: () => [] } });

    const page = await asAdmin(app, { url: BOARD });
    const files = [...page.body.matchAll(/(?:src|href)="(?<file>[^"]+)"/g)].map(
      match => match.groups?.file ?? '',
    );

    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body).not.toContain('https://');
    expect(files).toContain('/admin/queues/issue-intake.css');
    for (const file of files) {
      const url = file.startsWith('/') ? file : `${BOARD}/${file}`;
      expect((await asAdmin(app, { url })).statusCode).toBe(200);
    }
  });

  test('the names by which buttons are hidden are those of the installed package', () => {
    const ui = path.dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json'));
    const folder = path.join(ui, 'dist/static/js');
    const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.js'))
      .map(file => readFileSync(path.join(folder, file), 'utf8'))
      .join('\n');

    for (const name of Object.values(BOARD_NAMES)) expect(scripts).toContain(name);
    // The retry button, and the icon by which the style sheet knows it.
    expect(scripts).toMatch(/retry:\{titleKey:"RETRY",Icon:\w+\.m,actionKey:"retryJob"\}/);
  });
});

describe.each(Object.entries(STORES))('on %s', (_name, freshStore) => {
  test('lanes have readable names and a group, and jobs those of their users; contents are masked', async () => {
    const { app, queues } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });

    const query = { activeQueue: LANE_NAME, status: 'waiting', page: '1', jobsPerPage: '10' };
    const { queues: shown } = (await asAdmin(app, { url: `${BOARD}/api/queues`, query })).json();

    expect(shown.map((queue: { displayName: string }) => queue.displayName)).toEqual([
      'lane 0 of 2',
      'lane 1 of 2',
    ]);
    expect(shown[1].jobs).toMatchObject([
      { name: 'ada', data: { title: '(4 characters)', description: '(6 characters)', email: '(hidden)' } },
    ]);
    expect(shown[1]).toMatchObject({ delimiter: ': ', readOnlyMode: false });
    expect(shown[1].jobs[0].externalUrl.href).toBe('/admin#submission=a-uuid');
  });

  test('titles and descriptions are shown where a setting says so', async () => {
    const { app, queues } = await openBoard(await freshStore(), { showContent: true });
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });

    const { job } = (await asAdmin(app, { url: `${LANE_URL}/a-uuid` })).json();

    expect(job).toMatchObject({ name: 'ada: Door', data: { title: 'Door', description: 'secret' } });
  });

  test('one job can be looked at', async () => {
    const { app, queues } = await openBoard(await freshStore());
    const job = await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });

    const response = await asAdmin(app, { url: `${LANE_URL}/${job?.id}` });

    expect(response.json()).toMatchObject({ status: 'waiting', job: { id: 'a-uuid', name: 'ada' } });
  });

  test('a job that holds no submission is shown by its own name', async () => {
    const { app, queues } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, 7 as never, { jobId: 'by-hand' });

    expect((await asAdmin(app, { url: `${LANE_URL}/by-hand` })).json().job).toMatchObject({
      name: 'raise',
      data: 7,
    });
  });

  test('what concerns whole lanes, or changes jobs, is impossible', async () => {
    const { app, queues } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });
    const changes = [
      ['PUT', `${BOARD}/api/queues/pause`],
      ['PUT', `${BOARD}/api/queues/resume`],
      ...[
        'pause',
        'resume',
        'empty',
        'obliterate',
        'promote',
        'concurrency',
        'rate-limit',
        'retry/failed',
      ].map(action => ['PUT', `${LANE_URL}/${action}`]),
      ...['clean', 'promote'].map(action => ['PUT', `${LANE_URL}/a-uuid/${action}`]),
      ...['update-data', 'delay', 'priority'].map(action => ['PATCH', `${LANE_URL}/a-uuid/${action}`]),
      ['PUT', `${LANE_URL}/clean/waiting`],
      ['POST', `${LANE_URL}/add`],
      ['DELETE', LANE_URL],
    ] as const;

    for (const [method, url] of changes) {
      const response = await asAdmin(app, { method, url, payload: {} } as InjectOptions);
      expect([url, response.statusCode]).toEqual([url, expect.toBeOneOf([404, 405])]);
    }
    expect(await queues[1]?.getJobCounts()).toMatchObject({ waiting: 1 });
    expect(await queues[1]?.isPaused()).toBe(false);
  });

  test('a failed job can be retried', async () => {
    const { app, queues, store } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });
    await rejectNext(store);

    const response = await asAdmin(app, { method: 'PUT', url: `${LANE_URL}/a-uuid/retry` });

    expect(response.statusCode).toBe(204);
    expect(await queues[1]?.getJobCounts()).toMatchObject({ waiting: 1, failed: 0 });
  });

  test('nothing can be retried where actions are not allowed, and the board says that it is read-only', async () => {
    const { app, queues, store } = await openBoard(await freshStore(), { allowActions: false });
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });
    await rejectNext(store);

    const response = await asAdmin(app, { method: 'PUT', url: `${LANE_URL}/a-uuid/retry` });
    const { queues: shown } = (await asAdmin(app, { url: `${BOARD}/api/queues` })).json();

    expect(response.json()).toMatchObject({ status: 403, code: 'admin_actions_off' });
    expect(response.json().detail).toContain('ADMIN_ACTIONS=1');
    expect(shown[1]).toMatchObject({ readOnlyMode: true, allowRetries: false });
    expect(await queues[1]?.getJobCounts()).toMatchObject({ waiting: 0, failed: 1 });
  });

  test('a page of another site cannot retry a job', async () => {
    const { app, queues, store } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });
    await rejectNext(store);

    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://elsewhere.example' }]) {
      const response = await asAdmin(app, { method: 'PUT', url: `${LANE_URL}/a-uuid/retry`, headers });
      expect(response.json()).toMatchObject({ status: 403, code: 'foreign_site' });
    }
  });

  test('a job that waits cannot be retried', async () => {
    const { app, queues } = await openBoard(await freshStore());
    await queues[1]?.add(JOB_NAME, DATA, { jobId: 'a-uuid' });

    expect((await asAdmin(app, { method: 'PUT', url: `${LANE_URL}/a-uuid/retry` })).statusCode).toBe(400);
  });
});
