import { pino } from 'pino';
import { expect, test } from 'vitest';
import { INTERNAL_FAILURE, type Outcome, type Refused, type Submission } from '../../src/submission.ts';
import { applyUntilDone } from '../../src/workers/apply-until-done.ts';
import { aSubmission } from '../support/submissions.ts';

type Failure = (batch: readonly Submission[], unit: number) => Error | undefined;

/** A lane of `size` submissions, and a database that fails a unit of work when told. */
function setup(size: number, failure: Failure = () => undefined) {
  const submissions = Array.from({ length: size }, (_, n) => aSubmission({ id: String(n) }));
  const units: string[][] = [];
  const waits: number[] = [];
  const records: string[] = [];
  const options = {
    log: pino({ enabled: false }),
    apply: async (batch: readonly Submission[]): Promise<Outcome[]> => {
      units.push(batch.map(({ id }) => id));
      const error = failure(batch, units.length);
      if (error !== undefined) throw error;
      return batch.map(applied);
    },
    record: async (submission: Submission, failure: Refused): Promise<Outcome> => {
      records.push(`${submission.id} ${failure.code}`);
      return failure;
    },
    waitForDatabase: async (attempt: number) => {
      waits.push(attempt);
    },
  };
  return { submissions, units, waits, records, options };
}

function applied({ id }: Submission): Outcome {
  return { status: 'applied', issueId: id, number: Number(id) };
}

function fault(code: string): Error {
  return Object.assign(new Error(`fault ${code}`), { code });
}

const BAD_DATA = fault('23514');
const AWAY = fault('ECONNREFUSED');
const guilty = (id: string, error: Error) => (batch: readonly Submission[]) =>
  batch.some(submission => submission.id === id) ? error : undefined;

/** Goes on from where each call left off, as the lane's next heads do. */
async function applyAll(lane: ReturnType<typeof setup>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < lane.submissions.length) {
    outcomes.push(...(await applyUntilDone(lane.submissions.slice(outcomes.length), lane.options)));
  }
  return outcomes;
}

test('a batch that can be applied is applied at once', async () => {
  const { submissions, units, options } = setup(128);

  expect(await applyUntilDone(submissions, options)).toEqual(submissions.map(applied));
  expect(units).toHaveLength(1);
});

test.each([
  ['unstorable', BAD_DATA],
  ['internal_error', new TypeError('x is not a function')],
])('only the guilty submission fails, with the code %s', async (code, error) => {
  const lane = setup(128, guilty('77', error));

  const outcomes = await applyAll(lane);

  const expected = lane.submissions.map(applied);
  expect(outcomes.map((outcome, index) => (index === 77 ? 'the guilty one' : outcome))).toEqual(
    expected.map((outcome, index) => (index === 77 ? 'the guilty one' : outcome)),
  );
  expect(outcomes[77]).toMatchObject({ status: 'failed', code });
  expect(lane.records).toEqual([`77 ${code}`]);
});

test('the words of the database stay out of the outcome', async () => {
  const { submissions, options } = setup(1, guilty('0', new Error('secret')));

  expect(await applyUntilDone(submissions, options)).toEqual([INTERNAL_FAILURE]);
});

test.each([0, 1, 63, 64, 77, 126, 127])(
  'finding the guilty one at place %i of 128 takes few units of work',
  async place => {
    const lane = setup(128, guilty(String(place), BAD_DATA));

    await applyAll(lane);

    // Each stretch before it costs a halving or two: at worst about (log2 128)^2 / 2, and not 128.
    expect(lane.units.length).toBeLessThanOrEqual(37);
  },
);

test('the beginning of a halved batch is applied, and the rest is left for later', async () => {
  const { submissions, units, options } = setup(8, guilty('3', BAD_DATA));

  const outcomes = await applyUntilDone(submissions, options);

  expect(outcomes).toEqual(submissions.slice(0, 2).map(applied));
  expect(units).toEqual([
    ['0', '1', '2', '3', '4', '5', '6', '7'],
    ['0', '1', '2', '3'],
    ['0', '1'],
  ]);
});

test('an outage is waited for, and then the same batch is applied', async () => {
  const { submissions, units, waits, options } = setup(3, (_, unit) => (unit <= 4 ? AWAY : undefined));

  expect(await applyUntilDone(submissions, options)).toEqual(submissions.map(applied));
  expect(waits).toEqual([1, 2, 3, 4]);
  expect(units).toEqual(Array(5).fill(['0', '1', '2']));
});

test('an outage while a batch is being halved loses no ground', async () => {
  const { submissions, units, options } = setup(4, (batch, unit) =>
    unit === 2 ? AWAY : guilty('3', BAD_DATA)(batch),
  );

  expect(await applyUntilDone(submissions, options)).toEqual(submissions.slice(0, 2).map(applied));
  expect(units.map(unit => unit.length)).toEqual([4, 2, 2]);
});

test('no submission fails for an outage that does not end: whoever waits gives up', async () => {
  const stopped = new Error('the process stops');
  const { submissions, units, options } = setup(3, () => AWAY);
  const waitForDatabase = async (attempt: number) => {
    if (attempt === 3) throw stopped;
  };

  await expect(applyUntilDone(submissions, { ...options, waitForDatabase })).rejects.toBe(stopped);
  expect(units).toHaveLength(3);
});

test('a unique violation that no retry resolved fails no innocent submission', async () => {
  const lane = setup(16, guilty('5', fault('23505')));

  const outcomes = await applyAll(lane);

  expect(outcomes.filter(({ status }) => status === 'failed')).toHaveLength(1);
});

test.each(['40001', '40P01'])(
  'the conflict %s that no retry resolved fails nobody: it passes',
  async code => {
    const lane = setup(16, (_batch, unit) => (unit <= 3 ? fault(code) : undefined));

    const outcomes = await applyUntilDone(lane.submissions, lane.options);

    expect(outcomes).toEqual(lane.submissions.map(applied));
    expect(lane.waits).toEqual([1, 2, 3]);
  },
);

test('a failure that cannot be recorded because of an outage is recorded when it is over', async () => {
  const { submissions, waits, records, options } = setup(1, guilty('0', BAD_DATA));
  const away = [AWAY, AWAY];
  const record: typeof options.record = async (submission, failure) => {
    const error = away.pop();
    if (error !== undefined) throw error;
    return options.record(submission, failure);
  };

  expect(await applyUntilDone(submissions, { ...options, record })).toMatchObject([{ code: 'unstorable' }]);
  expect(waits).toEqual([1, 2]);
  expect(records).toEqual(['0 unstorable']);
});

test('a failure that cannot be stored at all is the end nevertheless', async () => {
  const { submissions, waits, options } = setup(1, guilty('0', BAD_DATA));
  const record = () => Promise.reject(BAD_DATA);

  expect(await applyUntilDone(submissions, { ...options, record })).toMatchObject([{ code: 'unstorable' }]);
  expect(waits).toEqual([]);
});

test('what was decided before counts, and not the failure', async () => {
  const { submissions, options } = setup(1, guilty('0', BAD_DATA));
  const before: Outcome = { status: 'applied', issueId: '0', number: 7, again: true };
  const record = async () => before;

  expect(await applyUntilDone(submissions, { ...options, record })).toEqual([before]);
});
