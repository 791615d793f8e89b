import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database.ts';
import { noRows } from '../../src/import/new-rows.ts';
import { addRows } from '../../src/import/write-rows.ts';
import { type Epoch, laneNumber, laneOf } from '../../src/lanes.ts';
import { openForeignWriter } from '../support/foreign-writer.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase } from '../support/services.ts';

/*
 * The import takes the locks that workers take, whichever epoch they serve.
 */

const OLD = { number: 1, lanes: 4 };
const NEW = { number: 2, lanes: 6 };
const LANES_CLASS = 7_470_022;

async function place() {
  const { url, drop } = await freshDatabase();
  const orm = openDatabase(url);
  onTestFinished(async () => {
    await orm.close();
    await drop();
  });
  const people = { ...noRows(), users: [{ id: 'ann', email: null, createdAt: null }] };
  const users = () => rows(url, 'select id from users');
  return { url, orm, people, users };
}

it.for([OLD, NEW])(
  'while the number of lanes is being changed it waits for who has the lane of $lanes',
  async (epoch: Epoch) => {
    const { url, orm, people, users } = await place();
    const writer = await openForeignWriter(url);
    await writer.query('begin');
    const lane = laneOf(epoch, 'ann');
    await writer.query('select pg_advisory_xact_lock($1, $2)', [LANES_CLASS, laneNumber(lane)]);

    const adding = addRows(orm, async () => [OLD, NEW], people);
    await writer.isWaitedFor();
    const before = await users();
    await writer.query('commit');

    expect(before).toEqual([]);
    expect(await adding).toMatchObject({ users: 1 });
    expect(await users()).toEqual([{ id: 'ann' }]);
  },
);

it('it begins again when the lanes turn out to have changed, and counts once', async () => {
  const { orm, people, users } = await place();
  const asked = [[OLD], [OLD, NEW], [OLD, NEW], [NEW], [NEW], [NEW]];
  let most = 0;

  const added = await addRows(
    orm,
    async () => {
      most++;
      return asked.shift() ?? [NEW];
    },
    people,
  );

  expect(most).toBe(6);
  expect(added).toMatchObject({ users: 1 });
  expect(await users()).toEqual([{ id: 'ann' }]);
});
