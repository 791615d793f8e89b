import {
  DeadlineError,
  ForeignAnswerError,
  type IntakeError,
  NotFoundError,
  RefusedError,
  RequestInvalidError,
  TooManyRequestsError,
  UnavailableError,
  UnreachableError,
} from 'issue-intake-client';
import { expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPlace, type Place } from './support/place.ts';

/*
 * Raising with the client library, on a real system and a network in trouble:
 * whatever happens, one issue.
 */

const TITLE = 'The tap drips';
const HTML = { 'content-type': 'text/html' };

function issueFor({ organizationId }: Place) {
  return { organizationId, title: TITLE };
}

it('makes one issue, though the connection breaks each time that an answer comes', async () => {
  const place = await openPlace();
  const { network, issues } = place;
  const intake = await place.connect();
  const retries: IntakeError[] = [];

  network.trouble((_, nth) => (nth < 3 ? 'lose the answer' : undefined));
  const raised = await intake.raise(issueFor(place), { onRetry: error => retries.push(error) });
  const { issue } = await intake.outcome(raised.submissionId);

  expect(issue?.title).toBe(TITLE);
  expect(raised.replayed).toBe(true);
  expect(retries.map(error => error.constructor)).toEqual([
    UnreachableError,
    UnreachableError,
    UnreachableError,
  ]);
  expect(await issues()).toEqual([TITLE]);
  const keys = network.seen.flatMap(({ headers }) => headers['idempotency-key'] ?? []);
  expect(keys).toEqual(Array(4).fill(raised.idempotencyKey));
});

it('sends again what nobody answers in time', async () => {
  const place = await openPlace();
  const intake = await place.connect({ attemptTimeoutMs: 1_000 });

  place.network.trouble((_, nth) => (nth === 0 ? 'hang' : undefined));
  const { submissionId } = await intake.raise(issueFor(place));

  expect((await intake.outcome(submissionId)).status).toBe('completed');
  expect(await place.issues()).toEqual([TITLE]);
});

it('outlasts a phase of 503, and is told of each', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const place = await openPlace({ queueUrl: redis.url });
  const intake = await place.connect();
  const retries: IntakeError[] = [];

  redis.freeze();
  const { submissionId } = await intake.raise(issueFor(place), {
    onRetry(error) {
      if (retries.push(error) === 2) redis.thaw();
    },
  });
  await intake.outcome(submissionId);

  expect(retries[0]).toBeInstanceOf(UnavailableError);
  expect(retries[0]).toMatchObject({ code: 'queue_unavailable', status: 503, retryAfterMs: 1_000 });
  expect(await place.issues()).toEqual([TITLE]);
});

it('waits after a 429 for as long as Retry-After says', async () => {
  const place = await openPlace({ userLimit: { perSecond: 1 / 3, burst: 1 } });
  const intake = await place.connect();
  const told: [IntakeError, number][] = [];

  await intake.raise(issueFor(place));
  await intake.raise(issueFor(place), { onRetry: (error, waitMs) => told.push([error, waitMs]) });

  const [, refused, accepted] = place.network.seen;
  expect(told).toHaveLength(1);
  const [error, waitMs = 0] = told[0] ?? [];
  expect(error).toBeInstanceOf(TooManyRequestsError);
  expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfterMs: 3_000 });
  expect(waitMs).toBeLessThanOrEqual(3_750);
  expect((accepted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(2_990);
});

it('reads a Retry-After that is a date', async () => {
  const place = await openPlace();
  const intake = await place.connect();
  const headers = () => ({ ...HTML, 'retry-after': new Date(Date.now() + 3_000).toUTCString() });

  place.network.trouble(() => ({ status: 503, headers: headers() }));
  const error: unknown = await intake.raise(issueFor(place), { attempts: 1 }).catch(each => each);

  expect(error).toMatchObject({ code: 'foreign_answer', passes: true, status: 503 });
  const { retryAfterMs = 0 } = error instanceof ForeignAnswerError ? error : {};
  expect(retryAfterMs).toBeGreaterThan(1_000);
});

it('gives up at the deadline, and says what stood in the way', async () => {
  const place = await openPlace();
  const intake = await place.connect();
  const began = performance.now();

  place.network.trouble(() => 'hang');
  const silent: unknown = await intake.raise(issueFor(place), { deadlineMs: 700 }).catch(each => each);
  const took = performance.now() - began;
  place.network.trouble(() => ({ status: 502, headers: HTML, body: '<h1>Bad gateway</h1>' }));
  const failing: unknown = await intake.raise(issueFor(place), { deadlineMs: 1_500 }).catch(each => each);

  expect(silent).toBeInstanceOf(DeadlineError);
  expect(silent).toMatchObject({ code: 'deadline_exceeded', passes: false });
  expect(took).toBeGreaterThan(690);
  expect(took).toBeLessThan(3_000);
  expect(failing).toMatchObject({ code: 'deadline_exceeded', cause: { status: 502 } });
});

it('does not wait for what comes after the deadline', async () => {
  const place = await openPlace();
  const intake = await place.connect();

  place.network.trouble(() => ({ status: 503, headers: { ...HTML, 'retry-after': '3600' } }));
  const raising = intake.raise(issueFor(place));

  await expect(raising).rejects.toMatchObject({
    code: 'deadline_exceeded',
    cause: { retryAfterMs: 3_600_000 },
  });
  expect(place.network.seen).toHaveLength(1);
});

it('ends with the reason of its signal: before, during and between attempts', async () => {
  const place = await openPlace();
  const { network } = place;
  const intake = await place.connect();
  const raise = (controller: AbortController, onRetry = () => {}) =>
    intake.raise(issueFor(place), { signal: controller.signal, onRetry });
  const before = new AbortController();
  const during = new AbortController();
  const between = new AbortController();
  const reason = new Error('changed my mind');

  before.abort(reason);
  await expect(raise(before)).rejects.toBe(reason);
  expect(network.seen).toHaveLength(0);

  network.trouble(() => 'hang');
  const hanging = raise(during);
  await waitFor(() => network.seen.length === 1);
  during.abort(reason);
  await expect(hanging).rejects.toBe(reason);
  await network.seen[0]?.over;

  network.trouble(() => ({ status: 503, headers: { ...HTML, 'retry-after': '30' } }));
  await expect(raise(between, () => between.abort(reason))).rejects.toBe(reason);
  expect(network.seen).toHaveLength(2);
});

it('says what is wrong with each field, and does not send it again', async () => {
  const place = await openPlace();
  const intake = await place.connect();

  const raising = intake.raise({ ...issueFor(place), title: 'x'.repeat(201) });

  const error: unknown = await raising.catch(each => each);
  expect(error).toBeInstanceOf(RequestInvalidError);
  expect(error).toMatchObject({
    name: 'RequestInvalidError',
    code: 'validation_failed',
    status: 400,
    passes: false,
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    errors: [{ pointer: '/title', detail: expect.stringContaining('200') }],
  });
  expect(place.network.seen).toHaveLength(1);
});

it('has a class for each family of refusals', async () => {
  const place = await openPlace();
  const intake = await place.connect();
  const idempotencyKey = crypto.randomUUID();
  await intake.raise(issueFor(place), { idempotencyKey });

  const another = intake.raise({ ...issueFor(place), title: 'Another' }, { idempotencyKey });
  await expect(another).rejects.toBeInstanceOf(RefusedError);
  await expect(another).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  await expect(intake.status(crypto.randomUUID())).rejects.toBeInstanceOf(NotFoundError);

  place.network.trouble(() => ({ status: 404, headers: HTML, body: '<h1>Not found</h1>' }));
  await expect(intake.status('x')).rejects.toMatchObject({ code: 'foreign_answer', passes: false });
});
