import { expect, test } from 'vitest';
import { retryConflicts } from '../../src/workers/retry-conflicts.ts';

/** Work that meets these faults, one at each attempt, and then succeeds. */
function setup(...faults: readonly Error[]) {
  const retries: { error: unknown; attempt: number }[] = [];
  let attempts = 0;
  const work = async () => {
    const fault = faults[attempts++];
    if (fault !== undefined) throw fault;
    return `done at attempt ${attempts}`;
  };
  const run = () => retryConflicts(work, (error, attempt) => retries.push({ error, attempt }));
  return { run, retries, attempts: () => attempts };
}

function fault(code: string): Error {
  return Object.assign(new Error(`fault ${code}`), { code });
}

const CONFLICTS = ['23505', '40001', '40P01'];

test.each(CONFLICTS)('the conflict %s is tried again', async code => {
  const { run } = setup(fault(code));

  expect(await run()).toBe('done at attempt 2');
});

test('whoever asked is told of each conflict, in order', async () => {
  const [first, second, third] = CONFLICTS.map(fault);
  const { run, retries } = setup(...[first, second, third].flatMap(each => each ?? []));

  await run();

  expect(retries).toEqual([
    { error: first, attempt: 1 },
    { error: second, attempt: 2 },
    { error: third, attempt: 3 },
  ]);
});

test('five conflicts are survived', async () => {
  const { run } = setup(...Array(5).fill(fault('40001')));

  expect(await run()).toBe('done at attempt 6');
});

test('the sixth conflict is thrown as it came', async () => {
  const last = fault('23505');
  const { run, retries, attempts } = setup(...Array(5).fill(fault('40001')), last);

  await expect(run()).rejects.toBe(last);
  expect(attempts()).toBe(6);
  expect(retries).toHaveLength(5);
});

test.each(['23514', '08006', 'ECONNREFUSED'])('the fault %s is thrown at once', async code => {
  const error = fault(code);
  const { run, retries, attempts } = setup(error);

  await expect(run()).rejects.toBe(error);
  expect(attempts()).toBe(1);
  expect(retries).toEqual([]);
});

test('work that meets no conflict runs once', async () => {
  const { run, attempts } = setup();

  expect(await run()).toBe('done at attempt 1');
  expect(attempts()).toBe(1);
});
