import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebhookFigures } from '../../src/figures/webhook-figures.ts';
import { relay } from '../../src/webhooks/relay.ts';
import { Rests } from '../../src/webhooks/rests.ts';
import { openSender } from '../../src/webhooks/send.ts';
import { takeTurn } from '../../src/webhooks/turn.ts';
import { aSubmission } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './support/outcome-receiver.ts';
import { PATIENCE_MS, setup } from './support/setup.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/*
 * One turn of one endpoint, without a courier around it, so that what one turn
 * does can be told from what the next does.
 */

const NEVER = new AbortController().signal;
const ALL = { position: '1000000', entry: '1000000' };

async function open({ ordered = false, outcomes = 0, retryAfterMs = 60_000 } = {}) {
  const system = await setup();
  const receiver = await openReceiver();
  const id = await system.addEndpoint(`${receiver.url}/old`, { ordered });
  if (outcomes > 0) await system.apply(...Array.from({ length: outcomes }, () => aSubmission()));
  await relay(system.orm, 100);
  const sender = openSender({ allowPrivate: true });
  onTestFinished(() => sender.close());
  const figures = new WebhookFigures();
  const turn = {
    orm: system.orm,
    watermark: { mark: ALL },
    rests: new Rests(retryAfterMs),
    figures,
    log: pino({ level: 'silent' }),
    sender,
    pace: { next: async () => {} },
    retryAfterMs,
    stopping: NEVER,
    leaving: NEVER,
  };
  const change = (set: string) => system.query(`update webhook_endpoints set ${set}`);
  return { ...system, id, receiver, figures, change, takeTurn: () => takeTurn(id, turn) };
}

/** @returns what lets so many milliseconds go by */
function openClock(): (ms: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  onTestFinished(() => clock.mockRestore());
  return ms => {
    ahead += ms;
  };
}

test.each([
  ['in order', true, 1],
  ['in any order', false, 16],
])('a turn %s that has lasted for 10 s sends no more than is on its way', async (_, ordered, most) => {
  const { receiver, takeTurn } = await open({ ordered, outcomes: 40 });
  const goBy = openClock();
  receiver.answer((_request, nth) => {
    if (nth === 1) goBy(10_001);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.length).toBeLessThanOrEqual(most);
});

test('what is told in order goes to where the endpoint is, as of a second ago', async () => {
  const { receiver, change, takeTurn } = await open({ ordered: true, outcomes: 3 });
  const goBy = openClock();
  receiver.answer(async (_, nth) => {
    if (nth === 1) await change(`url = '${receiver.url}/new'`);
    goBy(1001);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.map(({ path }) => path)).toEqual(['/old', '/new', '/new']);
});

/** That a round has gone on to read what is due: before that it reads the endpoint. */
const READ_SINCE = `
  select from pg_stat_activity
   where datname = current_database() and state = 'idle' and query_start > $1::timestamptz
     and query like '%webhook_deliveries%order by due_at limit%'`;

test('and so does what waits for a place, where order does not matter', async () => {
  const { receiver, change, query, takeTurn } = await open({ outcomes: 40 });
  const changeAndSeeItRead = async () => {
    const [changed] = await change(`url = '${receiver.url}/new' returning now()::text`);
    await waitFor(async () => (await query(READ_SINCE, [changed?.now])).length > 0);
  };
  let read: Promise<void> | undefined;
  receiver.answer(async (_, nth) => {
    if (nth > 16) return 200;
    read ??= changeAndSeeItRead();
    await read;
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived.map(({ path }) => path)).toEqual([
    ...Array(16).fill('/old'),
    ...Array(24).fill('/new'),
  ]);
});

test.each([
  ['in order', true],
  ['in any order', false],
])('a turn %s ends when that is changed', async (_, ordered) => {
  // More than a round.
  const { receiver, change, takeTurn } = await open({ ordered, outcomes: 70 });
  receiver.answer(async (_request, nth) => {
    if (nth === 1) await change(`ordered = ${!ordered}`);
    return 200;
  });

  await takeTurn();

  expect(receiver.arrived).toHaveLength(64);
});

test.each([
  ['in order', true],
  ['in any order', false],
])('who says 410 where the endpoint was, told %s, does not speak for where it is', async (_, ordered) => {
  const { receiver, change, query, takeTurn } = await open({ ordered, outcomes: 1 });
  receiver.answer(async ({ path }) => {
    if (path === '/old') await change(`url = '${receiver.url}/new'`);
    return path === '/old' ? 410 : 200;
  });

  await takeTurn();

  expect(await query('select active from webhook_endpoints')).toEqual([{ active: true }]);
});

test('what waits for a place when one is answered 410 is not sent', async () => {
  const { receiver, query, takeTurn } = await open({ outcomes: 40 });
  const isInactive = async () => (await query('select from webhook_endpoints where active')).length === 0;
  let inactive: Promise<boolean> | undefined;
  receiver.answer(async (_, nth) => {
    if (nth <= 2) return nth === 1 ? 200 : 410;
    inactive ??= waitFor(isInactive);
    await inactive;
    return 200;
  });

  await takeTurn();

  // The first has given its place to another.
  expect(receiver.arrived.length).toBeLessThanOrEqual(17);
});
