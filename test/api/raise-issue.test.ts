import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { QueueUnavailableError } from '../../src/errors.ts';
import { addOrganization, apply, execute, submissionOf } from './support/domain.ts';
import { openApp, openAppWithDatabase } from './support/open-app.ts';
import { bearer } from './support/tokens.ts';

const ORGANIZATION = 'c0ffee00-0000-4000-8000-000000000001';
const ISSUE = { organizationId: ORGANIZATION, title: 'The door does not close' };

async function raise(
  app: FastifyInstance,
  payload: object,
  headers: object = {},
  url = '/api/client/issues/raise',
) {
  return app.inject({ method: 'POST', url, headers: { ...(await bearer('u')), ...headers }, payload });
}

test('an issue is accepted, and the answer says where to see what becomes of it', async () => {
  const { app, intake } = await openApp();

  const response = await raise(app, ISSUE, { 'x-request-id': 'r1' });

  const [submission] = intake.accepted;
  expect(response.statusCode).toBe(202);
  expect(response.json()).toEqual({ submissionId: submission?.id, status: 'queued' });
  expect(response.headers.location).toBe(`/api/client/issues/submissions/${submission?.id}`);
  expect(submission).toEqual({
    ...ISSUE,
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/),
    userId: 'u',
    requestId: 'r1',
    acceptedAt: expect.any(Date),
    attempt: 0,
  });
});

test('nothing in the body can speak for another user or choose the id', async () => {
  const { app, intake } = await openApp();

  for (const name of ['userId', 'id', 'email', 'acceptedAt', 'requestId']) {
    expect((await raise(app, { ...ISSUE, [name]: 'x' })).statusCode).toBe(400);
  }
  expect(intake.accepted).toEqual([]);
});

test('a trailing slash changes nothing', async () => {
  const { app } = await openApp();

  expect((await raise(app, ISSUE, {}, '/api/client/issues/raise/')).statusCode).toBe(202);
});

test('texts are trimmed before they are measured, and ids written in small letters', async () => {
  const { app, intake } = await openApp();
  const title = '😀'.repeat(200);
  const full = {
    organizationId: ORGANIZATION.toUpperCase(),
    title: ` \n${title}\t `,
    description: '  kept as it is ',
    priority: 'urgent',
    category: ` ${'c'.repeat(100)} `,
  };

  expect((await raise(app, full)).statusCode).toBe(202);
  expect(intake.accepted).toMatchObject([
    {
      organizationId: ORGANIZATION,
      title,
      description: '  kept as it is ',
      priority: 'urgent',
      category: 'c'.repeat(100),
    },
  ]);
});

test.each([
  ['a title of 201 characters', { title: 'x'.repeat(201) }, '/title'],
  ['a title of 201 characters beyond the basic plane', { title: '😀'.repeat(201) }, '/title'],
  ['a title of spaces', { title: '   ' }, '/title'],
  ['a title that is a number', { title: 7 }, '/title'],
  ['a description of 10,001 characters', { description: 'x'.repeat(10_001) }, '/description'],
  ['a description that is null', { description: null }, '/description'],
  ['an empty category', { category: ' ' }, '/category'],
  ['a category of 101 characters', { category: 'x'.repeat(101) }, '/category'],
  ['an unknown priority', { priority: 'URGENT' }, '/priority'],
  ['an organization that is no uuid', { organizationId: 'acme' }, '/organizationId'],
])('%s is refused', async (_what, change, pointer) => {
  const { app, intake } = await openApp();

  const response = await raise(app, { ...ISSUE, ...change });

  expect(response.statusCode).toBe(400);
  expect(response.json().errors).toMatchObject([{ pointer }]);
  expect(intake.accepted).toEqual([]);
});

test('who waits is told of the issue', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm);
  intake.acceptAndWait = async submission => {
    await apply(orm, submission);
    return { status: 'applied', issueId: submission.id, number: 1 };
  };

  const response = await raise(app, { ...ISSUE, organizationId, category: 'doors' }, { prefer: 'wait=5' });

  const { submissionId, status, issue } = response.json();
  expect(response.statusCode).toBe(201);
  expect(response.headers['preference-applied']).toBe('wait=5');
  expect(response.headers.location).toBe(`/api/client/issues/submissions/${submissionId}`);
  expect(status).toBe('completed');
  expect(issue).toEqual({
    id: submissionId,
    number: 1,
    organizationId,
    title: 'The door does not close',
    description: '',
    priority: 'normal',
    category: 'doors',
    status: 'open',
    acceptedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    createdAt: expect.stringMatching(/Z$/),
  });
});

test('who waits is told of a rejection', async () => {
  const { app, intake } = await openApp();
  intake.outcome = { status: 'rejected', code: 'organization_inactive', detail: 'it sleeps' };

  const response = await raise(app, ISSUE, { prefer: 'wait=5' });

  const submissionId = intake.accepted[0]?.id;
  expect(response.statusCode).toBe(422);
  expect(response.headers.location).toBe(`/api/client/issues/submissions/${submissionId}`);
  expect(response.json()).toEqual({
    type: 'urn:issue-intake:problem:organization_inactive',
    title: 'The organization is not active',
    status: 422,
    detail: 'it sleeps',
    code: 'organization_inactive',
    submissionId,
  });
});

test('who waits in vain is told that the submission is queued', async () => {
  const { app } = await openApp();

  const response = await raise(app, ISSUE, { prefer: 'wait=1' });

  expect(response.statusCode).toBe(202);
  expect(response.headers['preference-applied']).toBe('wait=1');
  expect(response.json().status).toBe('queued');
});

test('who waits with a key, and whose queue goes away once it is accepted, is not refused any more', async () => {
  const { app, intake } = await openApp();
  intake.acceptAndWait = async () => {
    throw new QueueUnavailableError();
  };

  const response = await raise(app, ISSUE, { ...KEY, prefer: 'wait=1' });

  expect(intake.accepted).toHaveLength(1);
  expect(response.statusCode).toBe(202);
});

test('who waits while the news is lost is told of the issue that is there', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm);
  intake.acceptAndWait = async submission => {
    await apply(orm, submission);
    return undefined;
  };

  expect((await raise(app, { ...ISSUE, organizationId }, { prefer: 'wait=1' })).statusCode).toBe(201);
});

test('who waits while the database is away is not refused: the submission is accepted', async () => {
  const { app, intake } = await openApp();
  intake.outcome = { status: 'applied', issueId: ORGANIZATION, number: 1 };

  expect((await raise(app, ISSUE, { prefer: 'wait=1' })).statusCode).toBe(202);
});

const KEY = { 'idempotency-key': 'k1' };

test('a key makes the same submission of the same request, however often', async () => {
  const { app, intake } = await openApp();

  const answers = [await raise(app, ISSUE, KEY), await raise(app, ISSUE, KEY), await raise(app, ISSUE, KEY)];

  const bodies = answers.map(answer => answer.body);
  expect(answers.map(answer => answer.statusCode)).toEqual([202, 202, 202]);
  expect(new Set(bodies).size).toBe(1);
  expect(answers.map(answer => answer.headers['idempotency-replayed'])).toEqual([undefined, 'true', 'true']);
  expect(intake.accepted).toHaveLength(1);
});

test('a submission id made of a key is a uuid of version 8', async () => {
  const { app } = await openApp();

  const { submissionId } = (await raise(app, ISSUE, KEY)).json();

  expect(submissionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('the same key is another one for another user', async () => {
  const { app, intake } = await openApp();

  await raise(app, ISSUE, KEY);
  await raise(app, ISSUE, { ...KEY, ...(await bearer('v')) });

  expect(intake.accepted.map(({ userId }) => userId)).toEqual(['u', 'v']);
});

test('a quoted key is the same as a bare one', async () => {
  const { app, intake } = await openApp();

  await raise(app, ISSUE, { 'idempotency-key': 'a"b\\c' });
  await raise(app, ISSUE, { 'idempotency-key': String.raw`"a\"b\\c"` });

  expect(intake.accepted).toHaveLength(1);
});

test.each(['', 'x'.repeat(256), '"open', '"a"b"', '""', 'ä', 'tab\there', String.raw`"bad \x"`])(
  'the key %j is refused',
  async key => {
    const { app, intake } = await openApp();

    const response = await raise(app, ISSUE, { 'idempotency-key': key });

    expect(response.json()).toMatchObject({ status: 400, code: 'idempotency_key_invalid' });
    expect(intake.accepted).toEqual([]);
  },
);

test('the same request may be written differently', async () => {
  const { app, intake } = await openApp();

  await raise(app, ISSUE, KEY);
  const again = await raise(
    app,
    {
      organizationId: ORGANIZATION.toUpperCase(),
      title: ` ${ISSUE.title} `,
      description: '',
      priority: 'normal',
    },
    KEY,
  );

  expect(again.statusCode).toBe(202);
  expect(intake.accepted).toHaveLength(1);
});

const CHANGES = [
  { organizationId: 'c0ffee00-0000-4000-8000-000000000002' },
  { title: 'Another' },
  { description: 'More' },
  { priority: 'high' },
  { category: 'doors' },
];

test.each(CHANGES)(
  'a key with another body (%o) is refused, while the first waits on its lane',
  async change => {
    const { app, intake } = await openApp();
    await raise(app, ISSUE, KEY);

    for (const prefer of [{}, { prefer: 'wait=5' }]) {
      const response = await raise(app, { ...ISSUE, ...change }, { ...KEY, ...prefer });
      expect(response.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    }
    expect(intake.accepted).toHaveLength(1);
  },
);

test.each(CHANGES)(
  'a key with another body (%o) is refused, when the first was applied long ago',
  async change => {
    const { app, intake, orm } = await openAppWithDatabase();
    const organizationId = await addOrganization(orm);
    const { submissionId } = (await raise(app, { ...ISSUE, organizationId }, KEY)).json();
    await apply(orm, submissionOf('u', organizationId, { ...ISSUE, organizationId, id: submissionId }));
    intake.accepted.length = 0;

    const response = await raise(app, { ...ISSUE, organizationId, ...change }, KEY);

    expect(response.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(intake.accepted).toEqual([]);
  },
);

test('a repetition of what was applied long ago is answered as the first, without the queue', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm);
  const body = { ...ISSUE, organizationId };
  const first = await raise(app, body, KEY);
  await apply(orm, submissionOf('u', organizationId, { ...body, id: first.json().submissionId }));
  intake.accepted.length = 0;

  const second = await raise(app, body, KEY);
  const waiting = await raise(app, body, { ...KEY, prefer: 'wait=5' });

  expect(second.statusCode).toBe(202);
  expect(second.body).toBe(first.body);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(waiting.statusCode).toBe(201);
  expect(waiting.json().issue.title).toBe(ISSUE.title);
  expect(intake.accepted).toEqual([]);
});

test('a repetition in the very millisecond of the first is told that it is one', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { app, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm);
  const body = { ...ISSUE, organizationId };
  const { submissionId } = (await raise(app, body, KEY)).json();
  await apply(orm, submissionOf('u', organizationId, { ...body, id: submissionId, acceptedAt: new Date() }));

  expect((await raise(app, body, KEY)).headers['idempotency-replayed']).toBe('true');
});

test('a repetition is compared with the issue when its job is gone in the moment between two looks', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm);
  intake.accept = async submission => apply(orm, { ...submission, title: 'Another' });

  const response = await raise(app, { ...ISSUE, organizationId }, KEY);

  expect(response.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
});

test('a key does not help against a queue that is away', async () => {
  const { app, intake } = await openApp();
  intake.isAway = true;

  expect((await raise(app, ISSUE, KEY)).statusCode).toBe(503);
});

/** A submission that was rejected under a key, and whose job is gone. */
async function rejectedLongAgo() {
  const { app, intake, orm } = await openAppWithDatabase();
  const organizationId = await addOrganization(orm, 'Acme', false);
  const body = { ...ISSUE, organizationId };
  const first = await raise(app, body, KEY);
  const submission = submissionOf('u', organizationId, { ...body, id: first.json().submissionId });
  await apply(orm, submission);
  intake.accepted.length = 0;
  return { app, intake, orm, body, first, submission };
}

test('a repetition of what becomes an issue, and leaves its lane, between two looks shows the issue', async () => {
  const { app, intake, orm, body, submission } = await rejectedLongAgo();
  intake.find = async () => {
    await execute(orm, 'update organizations set active = true');
    await apply(orm, { ...submission, attempt: 1 });
    return undefined;
  };

  const again = await raise(app, body, { ...KEY, prefer: 'wait=5' });

  expect([again.statusCode, again.json().status]).toEqual([201, 'completed']);
});

test('a repetition of what was rejected long ago is answered as the first, and not queued again', async () => {
  const { app, intake, body, first, submission } = await rejectedLongAgo();

  const second = await raise(app, body, KEY);
  const waiting = await raise(app, body, { ...KEY, prefer: 'wait=5' });

  expect(second.statusCode).toBe(202);
  expect(second.body).toBe(first.body);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(waiting.json()).toMatchObject({
    status: 422,
    code: 'organization_inactive',
    submissionId: submission.id,
  });
  expect(waiting.headers['idempotency-replayed']).toBe('true');
  expect(intake.accepted).toEqual([]);
});

test.each(CHANGES)(
  'a key with another body (%o) is refused, when the first was rejected long ago',
  async change => {
    const { app, intake, body } = await rejectedLongAgo();

    for (const prefer of [{}, { prefer: 'wait=5' }]) {
      const response = await raise(app, { ...body, ...change }, { ...KEY, ...prefer });
      expect(response.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    }
    expect(intake.accepted).toEqual([]);
  },
);

test('who waits for what was rejected and is queued again is not told of the old rejection', async () => {
  const { app, intake, body, submission } = await rejectedLongAgo();
  await intake.accept(submission);

  const waiting = await raise(app, body, { ...KEY, prefer: 'wait=1' });

  expect(waiting.statusCode).toBe(202);
});

test('who waits for what was rejected and is queued again is told of the new end, even if the news is lost', async () => {
  const { app, intake, orm, body, submission } = await rejectedLongAgo();
  await intake.accept(submission);
  const decideAnew = (attempt: number) => async () => {
    await apply(orm, { ...submission, attempt });
    return undefined;
  };

  intake.acceptAndWait = decideAnew(1);
  const rejected = await raise(app, body, { ...KEY, prefer: 'wait=1' });
  await execute(orm, 'update organizations set active = true');
  intake.acceptAndWait = decideAnew(2);
  const applied = await raise(app, body, { ...KEY, prefer: 'wait=1' });

  expect(rejected.statusCode).toBe(422);
  expect(applied.statusCode).toBe(201);
});

test('who waits while the news of a rejection is lost is told of it nevertheless', async () => {
  const { app, intake, orm } = await openAppWithDatabase();
  intake.acceptAndWait = async submission => {
    await apply(orm, submission);
    return undefined;
  };

  const response = await raise(app, ISSUE, { prefer: 'wait=1' });

  expect(response.json()).toMatchObject({ status: 422, code: 'organization_not_found' });
});
