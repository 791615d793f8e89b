import { expect, test } from 'vitest';
import type { LaneJob } from '../../src/queue-store.ts';
import { INTERNAL_FAILURE, type Outcome, type Submission } from '../../src/submission.ts';
import { type LeadOptions, lead } from '../../src/workers/lead.ts';
import { laneJob, strayJob } from '../support/lane-job.ts';
import { aSubmission } from '../support/submissions.ts';

/** A lane with these jobs waiting, whose every submission is applied. */
function setup(waiting: readonly LaneJob[] = [], changes: Partial<LeadOptions> = {}) {
  const batches: string[][] = [];
  const peeks: number[] = [];
  const peekErrors: unknown[] = [];
  const reported: unknown[] = [];
  const options: LeadOptions = {
    limit: 10,
    peek: async count => {
      peeks.push(count);
      return waiting.slice(0, count);
    },
    apply: async batch => {
      batches.push(batch.map(({ id }) => id));
      return batch.map(applied);
    },
    onOutcomes: (batch, outcomes) => reported.push([batch.map(({ id }) => id), outcomes]),
    onPeekError: error => peekErrors.push(error),
    ...changes,
  };
  return { options, batches, peeks, peekErrors, reported };
}

function applied({ id }: Submission): Outcome {
  return { status: 'applied', issueId: id, number: 1 };
}

function submissions(...ids: string[]): Submission[] {
  return ids.map(id => aSubmission({ id, title: `Title of ${id}` }));
}

const [head = aSubmission(), ...followers] = submissions('head', 'second', 'third');
/** Never aborts by itself. */
const RESTING = new AbortController().signal;

const all = [head, ...followers];
const behind = followers.map(laneJob);

test('the head applies itself and those behind it, in order, in one unit of work', async () => {
  const { options, batches } = setup(behind);

  const finished = await lead(laneJob(head), RESTING, options);

  expect(batches).toEqual([['head', 'second', 'third']]);
  expect(finished.map(({ job, outcome }) => ({ id: job.id, outcome }))).toEqual(
    all.map(submission => ({ id: submission.id, outcome: applied(submission) })),
  );
});

test('what is applied is what was sent, at the time at which it was accepted', async () => {
  let seen: readonly Submission[] = [];
  const { options } = setup(behind, {
    apply: async batch => {
      seen = batch;
      return batch.map(applied);
    },
  });

  await lead(laneJob(head), RESTING, options);

  expect(seen).toEqual(all);
});

test('the limit counts the head', async () => {
  const { options, batches, peeks } = setup(behind, { limit: 2 });

  await lead(laneJob(head), RESTING, options);

  expect(batches).toEqual([['head', 'second']]);
  expect(peeks).toEqual([1]);
});

test('with a limit of one nobody looks behind the head', async () => {
  const { options, batches, peeks } = setup(behind, { limit: 1 });

  await lead(laneJob(head), RESTING, options);

  expect(batches).toEqual([['head']]);
  expect(peeks).toEqual([]);
});

test('when the waiting jobs cannot be read the head goes alone, and nobody fails', async () => {
  const away = new Error('the cluster fails over');
  const { options, batches, peekErrors } = setup([], { peek: () => Promise.reject(away) });

  const finished = await lead(laneJob(head), RESTING, options);

  expect(batches).toEqual([['head']]);
  expect(peekErrors).toEqual([away]);
  expect(finished.map(({ outcome }) => outcome)).toEqual([applied(head)]);
});

test('a job that holds no submission cuts the batch before it', async () => {
  const [second, third] = behind;
  const { options, batches } = setup([second, strayJob('stray'), third].flatMap(job => job ?? []));

  const finished = await lead(laneJob(head), RESTING, options);

  expect(batches).toEqual([['head', 'second']]);
  expect(finished.map(({ job }) => job.id)).toEqual(['head', 'second']);
});

test('a head that holds no submission fails alone, and nothing is applied', async () => {
  const { options, batches, reported } = setup(behind);
  const stray = strayJob('stray');

  expect(await lead(stray, RESTING, options)).toEqual([{ job: stray, outcome: INTERNAL_FAILURE }]);
  expect(batches).toEqual([]);
  expect(reported).toEqual([]);
});

test('only as many jobs are done as there are outcomes', async () => {
  const { options, reported } = setup(behind, { apply: async batch => batch.slice(0, 2).map(applied) });

  const finished = await lead(laneJob(head), RESTING, options);

  expect(finished.map(({ job }) => job.id)).toEqual(['head', 'second']);
  expect(reported).toEqual([[['head', 'second', 'third'], all.slice(0, 2).map(applied)]]);
});

test('who gives up applying is heard, and nothing is reported', async () => {
  const stopped = new Error('the process stops');
  const { options, reported } = setup(behind, { apply: () => Promise.reject(stopped) });

  await expect(lead(laneJob(head), RESTING, options)).rejects.toBe(stopped);
  expect(reported).toEqual([]);
});

test('whoever applies knows the head, and hears when the lane is to rest', async () => {
  const heard: unknown[] = [];
  const job = laneJob(head);
  const { options } = setup(behind, {
    apply: async (batch, applying, resting) => {
      heard.push(applying, resting);
      return batch.map(applied);
    },
  });

  await lead(job, RESTING, options);

  expect(heard).toEqual([job, RESTING]);
});
