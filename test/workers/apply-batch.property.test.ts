import fc from 'fast-check';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import type { Outcome } from '../../src/submission.ts';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { type History, history } from '../support/history.ts';
import { Model, type ModelOutcome } from '../support/model.ts';
import { freshDatabase } from '../support/services.ts';
import { owned } from '../support/submissions.ts';
import { changeTables, readTables, resetTables, tablesOf } from '../support/tables.ts';

const RUNS = 200;

async function setup() {
  const { url } = await freshDatabase();
  const orm = openDatabase(url, { poolSize: 1 });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await orm.close();
    await client.end();
  });

  /** Lives through a history in the database, and tells each submission's outcome. */
  const live = async ({ world, steps }: History): Promise<Outcome[]> => {
    await resetTables(client, world);
    const outcomes: Outcome[] = [];
    for (const step of steps) {
      if ('length' in step) outcomes.push(...(await applyBatch(orm, owned(), step)));
      else await changeTables(client, step);
    }
    return outcomes;
  };
  return { client, live };
}

/** The same history in the model, which knows no batches. */
function think({ world, steps }: History): { model: Model; outcomes: ModelOutcome[] } {
  const model = new Model(world);
  const outcomes: ModelOutcome[] = [];
  for (const step of steps) {
    if ('length' in step) outcomes.push(...step.map(submission => model.apply(submission)));
    else model.change(step);
  }
  return { model, outcomes };
}

/** Numbers may have gaps, so an issue's place among all is compared and not its number. */
function toModelOutcome(outcome: Outcome, numbers: readonly number[]): ModelOutcome | Outcome {
  if (outcome.status === 'applied') {
    const { status, issueId, number, again = false } = outcome;
    return { status, issueId, place: numbers.indexOf(number), again };
  }
  return outcome.status === 'rejected' ? { status: 'rejected', code: outcome.code } : outcome;
}

test('batches leave the tables and the outcomes that single submissions would', async () => {
  const { client, live } = await setup();
  const seen = new Map<string, number>();

  await fc.assert(
    fc.asyncProperty(history, async story => {
      const expected = think(story);

      const outcomes = await live(story);

      const { rows } = await client.query<{ number: string }>('select number from issues order by number');
      const numbers = rows.map(row => Number(row.number));
      expect(outcomes.map(outcome => toModelOutcome(outcome, numbers))).toEqual(expected.outcomes);
      expect(await readTables(client)).toEqual(tablesOf(expected.model));
      for (const outcome of expected.outcomes) count(seen, outcome);
      for (const { issueId } of expected.model.moves)
        bump(seen, issueId === null ? 'moved by hand' : 'moved');
      for (const refusal of expected.model.refusals.values()) if (!refusal.inForce) bump(seen, 'redriven');
    }),
    { numRuns: RUNS },
  );

  // The histories were worth something: each kind of outcome came up. How often is up to chance.
  for (const kind of KINDS) expect(seen.get(kind), kind).toBeGreaterThan(RUNS / 20);
});

const KINDS = [
  'new',
  'again',
  'organization_not_found',
  'organization_inactive',
  'profile_suspended',
  'redriven',
  'moved',
  'moved by hand',
];

function count(seen: Map<string, number>, outcome: ModelOutcome): void {
  const applied = outcome.status === 'applied' && (outcome.again ? 'again' : 'new');
  const kind = applied || (outcome.status === 'rejected' ? outcome.code : '');
  bump(seen, kind);
}

function bump(seen: Map<string, number>, kind: string): void {
  seen.set(kind, (seen.get(kind) ?? 0) + 1);
}
