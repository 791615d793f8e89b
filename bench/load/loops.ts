import { setTimeout as sleep } from 'node:timers/promises';
import { shuffled } from '../workload.ts';
import type { Client } from './client.ts';
import type { ClosedLoop, OpenLoop, Phase, Stream } from './messages.ts';
import type { Outcomes } from './outcomes.ts';
import { Tally } from './tally.ts';

/** What both loops send with, and when measuring begins and ends. */
interface Run {
  readonly client: Client;
  readonly outcomes: Outcomes | undefined;
  readonly from: number;
  readonly to: number;
}

const SECOND_MS = 1000;
const OUTCOMES_WITHIN_MS = 10 * SECOND_MS;

/** Sends one request that is due at `due`, and follows it to its end. */
async function follow(
  run: Run,
  tally: Tally,
  user: number,
  due: number,
  mayBeLimited: boolean,
): Promise<void> {
  const measured = due >= run.from && due < run.to;
  const latency = (at: number) => (measured ? at - due : undefined);
  const id = await run.client.raise(user, mayBeLimited);
  const answered = performance.now();
  tally.answer(id !== undefined, latency(answered));
  const ended = id === undefined || run.outcomes === undefined ? answered : await run.outcomes.of(id);
  if (id !== undefined) tally.outcome(latency(ended));
  if (ended >= run.from && ended < run.to) tally.count();
}

/** Each sender waits for the end of its request before it sends the next. */
export async function closedLoop(
  load: ClosedLoop,
  client: Client,
  outcomes: Outcomes | undefined,
): Promise<Tally[]> {
  const run = newRun(load, client, outcomes);
  const tally = new Tally('all', outcomes !== undefined);
  const nextUser = shuffled(load.users);
  const senders = Array.from({ length: load.inFlight }, async () => {
    while (performance.now() < run.to) await follow(run, tally, nextUser(), performance.now(), false);
  });
  await untilHeard(Promise.all(senders), load);
  return [tally];
}

/**
 * Requests go out when they are due, and latencies count from then, not from
 * when the generator got round to sending: so no stall can hide, neither the
 * server's nor the generator's own (no coordinated omission).
 */
export async function openLoop(
  load: OpenLoop,
  client: Client,
  outcomes: Outcomes | undefined,
): Promise<Tally[]> {
  const run = newRun(load, client, outcomes);
  const start = run.from - load.warmUpSeconds * SECOND_MS;
  const following: Promise<void>[] = [];
  const failed = Promise.withResolvers<never>();
  const tallies = load.streams.map(stream => new Tally(stream.name, outcomes !== undefined));
  await Promise.all(
    load.streams.map(async (stream, index) => {
      const tally = tallies[index];
      if (tally === undefined) return;
      for await (const due of arrivals(stream, start, run.to)) {
        const followed = follow(run, tally, due.user, due.at, stream.mayBeLimited);
        followed.catch(failed.reject);
        following.push(followed);
      }
    }),
  );
  await untilHeard(Promise.race([Promise.all(following), failed.promise]), load);
  return tallies;
}

function newRun(load: Phase, client: Client, outcomes: Outcomes | undefined): Run {
  const from = performance.now() + load.warmUpSeconds * SECOND_MS;
  return { client, outcomes, from, to: from + load.seconds * SECOND_MS };
}

async function* arrivals(stream: Stream, start: number, end: number) {
  const nextUser = shuffled(stream.users);
  const everyMs = SECOND_MS / stream.rate;
  for (let nth = 0; start + nth * everyMs < end; nth++) {
    const at = start + nth * everyMs;
    if (at > performance.now()) await sleep(Math.ceil(at - performance.now()));
    yield { at, user: stream.firstUser + nextUser() };
  }
}

/** Answers always come; news of an outcome may be lost, and is then missed in the tally. */
async function untilHeard(all: Promise<unknown>, load: Phase): Promise<void> {
  const limit = new AbortController();
  const seconds = load.warmUpSeconds + load.seconds;
  try {
    await Promise.race([all, sleep(seconds * SECOND_MS + OUTCOMES_WITHIN_MS, undefined, limit)]);
  } finally {
    limit.abort();
  }
}
