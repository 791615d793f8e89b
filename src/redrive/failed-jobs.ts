import type { MikroORM } from '@mikro-orm/postgresql';
import type { LaneJob, LaneQueue } from '../queue-store.ts';
import { parseRefusalLine, submissionOf } from '../submission.ts';
import type { Selection } from './arguments.ts';
import type { Candidate } from './candidate.ts';
import { decidedAmong, inForce } from './recorded-refusals.ts';

/*
 * Failed jobs that no refusal tells of: from before there was that table, or
 * because what was sent could not be stored.
 */

const PAGE = 500;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Those of a selection on one lane. */
export function selectFailedJobs(
  orm: MikroORM,
  queue: LaneQueue,
  selection: Selection,
): Promise<Candidate[]> {
  return select(queue, ['failed'], selection, ids => inForce(orm, ids));
}

/**
 * The same on a lane that nobody serves any more. What was redriven from there has
 * been decided since; what was retried there just as the lane was left waits for nobody.
 */
export async function selectLeftJobs(
  orm: MikroORM,
  queue: LaneQueue,
  selection: Selection,
): Promise<Candidate[]> {
  const found = await select(queue, ['failed', 'waiting'], selection, ids => decidedAmong(orm, ids));
  const left = await Promise.all(found.map(({ id }) => queue.getJob(id)));
  return found.flatMap((each, index) => {
    const job = left[index];
    return job === undefined ? [] : [{ ...each, left: job }];
  });
}

async function select(
  queue: LaneQueue,
  states: readonly ('failed' | 'waiting')[],
  selection: Selection,
  isKnown: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (let start = 0; ; start += PAGE) {
    const ids = await queue.getRanges([...states], start, start + PAGE - 1, true);
    const known = await isKnown(ids.filter(id => UUID.test(id)));
    for (const id of ids.filter(each => !known.has(each.toLowerCase()))) {
      const refused = refusedOf(await queue.getJob(id));
      if (refused !== undefined && matches(refused, selection)) found.set(id, refused);
    }
    if (ids.length < PAGE) return [...found.values()];
  }
}

/** Undefined when it holds no submission: there is nothing to decide about. */
function refusedOf(job: LaneJob | undefined): Candidate | undefined {
  try {
    if (job === undefined) return undefined;
    const { id, userId, acceptedAt } = submissionOf(job);
    const { code } = parseRefusalLine(job.failedReason ?? '');
    return { id, userId, acceptedAt, code, attempt: undefined };
  } catch {
    return undefined;
  }
}

function matches({ userId, code }: Candidate, selection: Selection): boolean {
  return userId === (selection.userId ?? userId) && code === (selection.code ?? code);
}
