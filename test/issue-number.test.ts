import { expect, test } from 'vitest';
import { LAST_ISSUE_NUMBER } from '../src/issue-number.ts';
import { openForeignWriter } from './support/foreign-writer.ts';
import { freshDatabase } from './support/services.ts';

/** Asks again and again, in the server; it says how often a number was lower than the one before. */
const ASK = `
  create function times_lower(looks int) returns int language plpgsql as $$
    declare number bigint; before bigint := 0; times int := 0; begin
      for nth in 1..looks loop
        number := ${LAST_ISSUE_NUMBER};
        if number < before then times := times + 1; end if;
        before := number;
      end loop;
      return times;
    end $$`;

test('the last number is never said to be one that is still to come', { timeout: 60_000 }, async () => {
  const { url } = await freshDatabase();
  const [writer, reader] = [await openForeignWriter(url), await openForeignWriter(url)];
  await writer.query(ASK);

  let isOver = false;
  const drawing = (async () => {
    while (!isOver)
      await writer.query(`select max(nextval('issues_number_seq')) from generate_series(1, 50000)`);
  })();
  const [lower] = await reader.query('select times_lower(30000) as times');
  isOver = true;
  await drawing;

  expect(lower).toEqual({ times: 0 });
});
