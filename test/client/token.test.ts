import { TokenError } from 'issue-intake-client';
import { expect, it } from 'vitest';
import { expiredTokenOf, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPlace } from './support/place.ts';

/** A token function that gives an expired one first, and counts. */
function renewed() {
  let calls = 0;
  return {
    calls: () => calls,
    token: () => (calls++ === 0 ? expiredTokenOf('ann') : tokenOf('ann')),
  };
}

it('asks for a token again when the one it has is expired, once for all requests', async () => {
  const place = await openPlace();
  const { token, calls } = renewed();
  const intake = await place.connect({ token });
  const issue = { organizationId: place.organizationId, title: 'The tap drips' };

  const raised = await Promise.all(Array.from({ length: 5 }, () => intake.raise(issue)));
  for (const { submissionId } of raised) await intake.outcome(submissionId);

  expect(calls()).toBe(2);
  expect(await place.issues()).toHaveLength(5);
});

it('asks for a token again when it expires while an outcome is waited for', async () => {
  const place = await openPlace();
  const { system, network } = place;
  const short = await tokenOf('ann', '2s');
  const tokens = [short, await tokenOf('ann')];
  const intake = await place.connect({ token: () => tokens.shift() ?? '' });
  const lane = await place.holdLanes();
  const { submissionId } = await intake.raise({ organizationId: place.organizationId, title: 'T' });

  const outcome = intake.outcome(submissionId);
  await waitFor(async () => {
    const headers = { authorization: `Bearer ${short}` };
    return (await fetch(`${system.address}/api/client/issues`, { headers })).status === 401;
  });
  network.cut();
  await waitFor(() => tokens.length === 0);
  await lane.release();

  expect((await outcome).status).toBe('completed');
});

it('fails with a text that is not accepted, and with a function that gives no better one', async () => {
  const place = await openPlace();
  const expired = await expiredTokenOf('ann');
  const fixed = await place.connect({ token: expired });
  const stubborn = await place.connect({ token: () => expired });

  await expect(fixed.myIssues().next()).rejects.toBeInstanceOf(TokenError);
  await expect(stubborn.myIssues().next()).rejects.toMatchObject({ code: 'token_expired', status: 401 });

  expect(place.network.seen).toHaveLength(3);
});

it("leaves the token function's own errors as they are, and asks it again next time", async () => {
  const place = await openPlace();
  const error = new Error('the sign-in was closed');
  const answers = [() => Promise.reject(error), () => tokenOf('ann')];
  const intake = await place.connect({ token: () => answers.shift()?.() ?? '' });

  await expect(intake.myIssues().next()).rejects.toBe(error);
  expect(await intake.myIssues().next()).toEqual({ value: undefined, done: true });
});

it('does not wait for a token longer than for all else', async () => {
  const place = await openPlace();
  const intake = await place.connect({ token: () => new Promise(() => {}) });

  const asking = intake.myIssuesPage({ deadlineMs: 300 });

  await expect(asking).rejects.toMatchObject({ code: 'deadline_exceeded' });
});
