import { NotFoundError, UnreachableError } from 'issue-intake-client';
import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { openPlace, type Place } from './support/place.ts';

/*
 * Waiting for an outcome with the client library: by events, and without them.
 */

function isStream(path: string): boolean {
  return path.endsWith('/events');
}

/** A submission that waits. */
async function raised(place: Place) {
  const lanes = await place.holdLanes();
  const intake = await place.connect({ silenceMs: 1_000 });
  const { submissionId } = await intake.raise({
    organizationId: place.organizationId,
    title: 'The tap drips',
  });
  return { intake, submissionId, ...lanes };
}

function streams({ network }: Place) {
  return network.seen.filter(({ path }) => isStream(path));
}

it('goes on after a break from where it was, and tells each status once', async () => {
  const place = await openPlace({ heartbeatMs: 100 });
  const { intake, submissionId, release } = await raised(place);
  const told: string[] = [];

  place.network.trouble((path, nth) => (isStream(path) && nth < 3 ? 'cut the body' : undefined));
  for await (const { status } of intake.follow(submissionId)) {
    told.push(status);
    if (status === 'processing') await release();
  }

  expect(told.filter(status => status !== 'queued')).toEqual(['processing', 'completed']);
  expect(new Set(told).size).toBe(told.length);
  expect(streams(place).length).toBeGreaterThan(1);
  expect(streams(place).at(-1)?.headers['last-event-id']).toBe('processing');
});

it('asks for the status where there are too many streams', async () => {
  const place = await openPlace();
  const { intake, submissionId, release } = await raised(place);
  const headers = { 'content-type': 'application/problem+json', 'retry-after': '0' };
  const body = '{"code":"too_many_streams","detail":"close one"}';

  place.network.trouble(path => (isStream(path) ? { status: 429, headers, body } : undefined));
  const outcome = intake.outcome(submissionId);
  await waitFor(() => streams(place).length > 1);
  await release();

  expect((await outcome).issue?.title).toBe('The tap drips');
});

it('asks for the status when a stream stays silent', async () => {
  const place = await openPlace();
  const { intake, submissionId, release } = await raised(place);
  const retries: unknown[] = [];

  place.network.trouble(path => (isStream(path) ? 'hold the body back' : undefined));
  const outcome = intake.outcome(submissionId, { onRetry: error => retries.push(error) });
  await waitFor(() => retries.length > 0);
  await release();

  expect((await outcome).status).toBe('completed');
  expect(retries[0]).toBeInstanceOf(UnreachableError);
});

it('does not take a page of a proxy for events', async () => {
  const place = await openPlace();
  const { intake, submissionId, release } = await raised(place);
  const page = {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<h1>Sign in to this network</h1>',
  };

  place.network.trouble((_, nth) => (nth < 4 ? page : undefined));
  const outcome = intake.outcome(submissionId);
  await release();

  expect((await outcome).status).toBe('completed');
});

it('tells a rejection as an outcome, with its code', async () => {
  const place = await openPlace();
  const intake = await place.connect();
  const organizationId = await place.system.addOrganization({ active: false });

  const { submissionId } = await intake.raise({ organizationId, title: 'The tap drips' });
  const outcome = await intake.outcome(submissionId);

  expect(outcome).toEqual({
    submissionId,
    status: 'rejected',
    error: { code: 'organization_inactive', detail: expect.stringContaining(organizationId) },
  });
  expect(await intake.status(submissionId)).toEqual(outcome);
});

it('fails for what is not there', async () => {
  const place = await openPlace();
  const intake = await place.connect();

  await expect(intake.outcome(crypto.randomUUID())).rejects.toBeInstanceOf(NotFoundError);
  await expect(intake.outcome('../../issues?')).rejects.toBeInstanceOf(NotFoundError);
});

it('ends at its deadline and with its signal, and leaves no stream open', async () => {
  const place = await openPlace();
  const { intake, submissionId, release } = await raised(place);
  const controller = new AbortController();
  const reason = new Error('changed my mind');

  await expect(intake.outcome(submissionId, { deadlineMs: 500 })).rejects.toMatchObject({
    code: 'deadline_exceeded',
  });
  const aborted = intake.outcome(submissionId, { signal: controller.signal });
  await waitFor(() => streams(place).length === 2);
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  for await (const _ of intake.follow(submissionId)) break;

  expect(streams(place)).toHaveLength(3);
  await Promise.all(streams(place).map(({ over }) => over));
  await release();
});
