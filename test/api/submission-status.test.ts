import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { addOrganization, apply, execute, submissionOf } from './support/domain.ts';
import { openApp, openAppWithDatabase } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

async function statusOf(app: FastifyInstance, id: string, userId = 'u') {
  const url = `/api/client/issues/submissions/${id}`;
  const response = await app.inject({ url, headers: await bearer(userId) });
  return { code: response.statusCode, body: response.json(), headers: response.headers };
}

test.each(['queued', 'processing'] as const)('a submission that is %s says so', async status => {
  const { app, intake } = await openAppWithDatabase();
  const submission = submissionOf('u', randomUUID());
  await intake.accept(submission);
  intake.state = { status };

  expect(await statusOf(app, submission.id)).toMatchObject({
    code: 200,
    body: { submissionId: submission.id, status },
  });
});

test.each(['rejected', 'failed'] as const)('a submission that %s says why', async status => {
  const { app, intake } = await openAppWithDatabase();
  const submission = submissionOf('u', randomUUID());
  await intake.accept(submission);
  intake.state = { status, code: 'organization_not_found', detail: 'there is none' };

  expect((await statusOf(app, submission.id)).body).toEqual({
    submissionId: submission.id,
    status,
    error: { code: 'organization_not_found', detail: 'there is none' },
  });
});

test('an applied submission shows its issue, also when the lane has forgotten it or is away', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm), { priority: 'high' });
  await apply(orm, submission);
  intake.isAway = true;

  const { body } = await statusOf(app, submission.id);

  expect(body).toMatchObject({
    submissionId: submission.id,
    status: 'completed',
    issue: { id: submission.id, number: 1, title: 'Title', priority: 'high' },
  });
  expect(body.issue).not.toHaveProperty('category');
});

test('the issue counts, whatever the lane says', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm));
  await apply(orm, submission);
  await intake.accept(submission);
  intake.state = { status: 'failed', code: 'internal_error', detail: 'but it is there' };

  expect((await statusOf(app, submission.id)).body.status).toBe('completed');
});

test.each([
  ['says that it is completed', true],
  ['has forgotten it', false],
])('a submission that is applied between the two looks is found: the lane %s', async (_what, isKnown) => {
  const { app, intake, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm));
  intake.find = async () => {
    await apply(orm, submission);
    return isKnown ? { submission, state: { status: 'completed' } } : undefined;
  };

  expect((await statusOf(app, submission.id)).body.status).toBe('completed');
});

test('an id in capital letters is the same id', async () => {
  const { app, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm));
  await apply(orm, submission);

  expect((await statusOf(app, submission.id.toUpperCase())).body.submissionId).toBe(submission.id);
});

test("another user's submission is not found, whether it is queued or applied", async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const [queued, applied] = [submissionOf('u', randomUUID()), submissionOf('u', await addOrganization(orm))];
  await intake.accept(queued);
  await apply(orm, applied);

  for (const { id } of [queued, applied]) {
    expect(await statusOf(app, id, 'v')).toMatchObject({ code: 404, body: { code: 'submission_not_found' } });
  }
});

test.each([randomUUID(), 'nonsense', '1', "'; drop table issues; --"])('%s is not found', async id => {
  const { app } = await openAppWithDatabase();

  expect(await statusOf(app, encodeURIComponent(id))).toMatchObject({
    code: 404,
    body: { code: 'submission_not_found' },
  });
});

test('while the database is away, what the lane knows is told', async () => {
  const { app, intake } = await openApp();
  const submission = submissionOf('u', randomUUID());
  await intake.accept(submission);

  expect((await statusOf(app, submission.id)).body.status).toBe('queued');
});

test('while the database is away, what only it can tell is not denied', async () => {
  const { app, intake } = await openApp();
  const submission = submissionOf('u', randomUUID());
  await intake.accept(submission);
  intake.state = { status: 'completed' };

  for (const id of [submission.id, randomUUID()]) {
    const { body, headers } = await statusOf(app, id);
    expect(body).toMatchObject({ status: 503, code: 'database_unavailable' });
    expect(headers['retry-after']).toBe('1');
  }
});

test('while the queue is away, what only it can tell is not denied', async () => {
  const { app, intake } = await openAppWithDatabase();
  intake.isAway = true;

  expect((await statusOf(app, randomUUID())).body).toMatchObject({ status: 503, code: 'queue_unavailable' });
});

/** A submission that was rejected, and whose organization is active since. */
async function rejectedLongAgo() {
  const { app, intake, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm, 'Acme', false));
  await apply(orm, submission);
  await execute(orm, 'update organizations set active = true');
  return { app, intake, orm, submission };
}

test('a refusal is told when its job is gone', async () => {
  const { app, submission } = await rejectedLongAgo();

  expect((await statusOf(app, submission.id)).body).toEqual({
    submissionId: submission.id,
    status: 'rejected',
    error: {
      code: 'organization_inactive',
      detail: `organization "${submission.organizationId}" is not active`,
    },
  });
  expect((await statusOf(app, submission.id, 'v')).code).toBe(404);
});

test.each(['queued', 'processing'] as const)(
  'a refused submission that is %s again says so',
  async status => {
    const { app, intake, submission } = await rejectedLongAgo();
    await intake.accept(submission);
    intake.state = { status };

    expect((await statusOf(app, submission.id)).body).toEqual({ submissionId: submission.id, status });
  },
);

test('a refused submission that has become an issue shows it', async () => {
  const { app, orm, submission } = await rejectedLongAgo();
  await apply(orm, { ...submission, attempt: 1 });

  expect((await statusOf(app, submission.id)).body.status).toBe('completed');
});

test.each([
  ['it is rejected, and its job removed', { organization: false, isKnown: false, status: 'rejected' }],
  [
    'a refused one becomes an issue, and its job is removed',
    { organization: true, isKnown: false, status: 'completed' },
  ],
  ['a refused one becomes an issue', { organization: true, isKnown: true, status: 'completed' }],
])('what happens between the two looks is told: %s', async (_what, { organization, isKnown, status }) => {
  const { app, intake, orm } = await openAppWithDatabase();
  const submission = submissionOf('u', await addOrganization(orm, 'Acme', false));
  if (organization) await apply(orm, submission);
  intake.find = async () => {
    await execute(orm, 'update organizations set active = ?', [organization]);
    await apply(orm, { ...submission, attempt: 1 });
    return isKnown ? { submission, state: { status: 'completed' } } : undefined;
  };

  expect((await statusOf(app, submission.id)).body.status).toBe(status);
});

test('while the queue is away, a refused submission is not called refused: it may be on its lane again', async () => {
  const { app, intake, submission } = await rejectedLongAgo();
  intake.isAway = true;

  expect((await statusOf(app, submission.id)).body).toMatchObject({ status: 503, code: 'queue_unavailable' });
});
