import type { MikroORM } from '@mikro-orm/postgresql';
import { type Lane, laneIndexOf, laneLabel } from '../lanes.ts';
import type { LaneQueue } from '../queue-store.ts';
import { JOB_STATES, type JobState, type OnLane, submissionPages } from './job-pages.ts';
import { type Look, type LookAt, Suspicion } from './looks.ts';
import type { OpenedLane } from './open-lanes.ts';
import { patiently } from './patiently.ts';

/*
 * Checks the lanes, and what is on them against the rows of the database. A job
 * is read first and its row after that, in the order opposite to the workers',
 * who commit the row before they finish the job: a row that is missing is missing.
 */

export interface LanesOptions {
  readonly orm: MikroORM;
  readonly lanes: readonly OpenedLane[];
  /** Told of each page that was read. */
  readonly onPage: (page: readonly OnLane[], state: JobState, lane: string) => void;
}

export function lookAtLanes(options: LanesOptions): LookAt {
  return async () => {
    const suspicions = startSuspicions();
    for (const opened of options.lanes) await lookAtLane(opened, options, suspicions);
    return Object.values(suspicions).map((suspicion): Look => suspicion.look());
  };
}

type Suspicions = ReturnType<typeof startSuspicions>;

function startSuspicions() {
  return {
    atWork: new Suspicion('one_at_work', 'a lane has one submission at work and may have no more'),
    over: new Suspicion('old_lanes_empty', 'nothing waits on a lane of an epoch that is over'),
    own: new Suspicion('own_lane', 'a submission is on the lane of its user'),
    completed: new Suspicion('completed_applied', 'a completed job has its issue'),
    failed: new Suspicion('failed_recorded', 'a failed job has its refusal on record'),
  };
}

async function lookAtLane(
  { lane, queue, isOver, isServed }: OpenedLane,
  options: LanesOptions,
  suspicions: Suspicions,
): Promise<void> {
  const label = laneLabel(lane);
  if (isServed) await checkAtWork(queue, label, suspicions);
  for (const state of JOB_STATES) {
    for await (const page of submissionPages(queue, state)) {
      options.onPage(page, state, label);
      checkOwnLane(page, lane, suspicions);
      if (isOver && isUnfinished(state)) leftOn(page, label, suspicions);
      await checkEnds(page, state, label, options, suspicions);
    }
  }
}

async function checkAtWork(queue: LaneQueue, lane: string, { atWork }: Suspicions): Promise<void> {
  const most = await patiently(() => queue.getGlobalConcurrency());
  if (most !== 1) atWork.add({ lane, what: `its global concurrency is ${most ?? 'not set'}` });
  const active = await patiently(() => queue.getJobCountByTypes('active'));
  if (active > 1) atWork.add({ lane, what: `${active} submissions are at work` });
}

function checkOwnLane(page: readonly OnLane[], lane: Lane, { own }: Suspicions): void {
  for (const { id, userId } of page) {
    const index = laneIndexOf(userId, lane.of);
    if (index === lane.index) continue;
    own.add({ userId, id, lane: laneLabel(lane), what: `its lane is ${laneLabel({ ...lane, index })}` });
  }
}

function isUnfinished(state: JobState): boolean {
  return state !== 'completed' && state !== 'failed';
}

function leftOn(page: readonly OnLane[], lane: string, { over }: Suspicions): void {
  for (const { id, userId } of page) over.add({ userId, id, lane, what: 'nobody serves this lane any more' });
}

async function checkEnds(
  page: readonly OnLane[],
  state: JobState,
  lane: string,
  { orm }: LanesOptions,
  { completed, failed }: Suspicions,
): Promise<void> {
  if (state !== 'completed' && state !== 'failed') return;
  const isCompleted = state === 'completed';
  const ended = await endedAmong(orm, page, isCompleted ? ['issues'] : ['issues', 'refusals']);
  for (const { id, userId } of page) {
    if (ended.has(id.toLowerCase())) continue;
    if (isCompleted) completed.add({ userId, id, lane, what: 'there is no issue of it' });
    else failed.add({ userId, id, lane, what: 'there is neither a refusal nor an issue of it' });
  }
}

/** The ids of those that are in one of the tables. */
async function endedAmong(
  orm: MikroORM,
  page: readonly OnLane[],
  tables: readonly string[],
): Promise<Set<string>> {
  const ids = page.map(({ id }) => id).filter(id => UUID.test(id));
  if (ids.length === 0) return new Set();
  const asked = `with asked as (select text::uuid as id from jsonb_array_elements_text(?::jsonb) as t (text))`;
  const found = tables.map(table => `select id from ${table} join asked using (id)`).join(' union ');
  const rows = await orm.em.fork().execute<{ id: string }[]>(`${asked} ${found}`, [JSON.stringify(ids)]);
  return new Set(rows.map(({ id }) => id));
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
