import type { Logger } from 'pino';
import { Value } from 'typebox/value';
import { logConnectionError } from '../connection-errors.ts';
import { QueueUnavailableError } from '../errors.ts';
import { agreeOnLaneCount, openSettings } from '../lane-count.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../lanes.ts';
import { outcomeFeed } from '../outcome-feed.ts';
import { JOB_NAME, type LaneJob, type LaneQueue, type QueueStore, type StoreRelay } from '../queue-store.ts';
import {
  Applied,
  dataOf,
  type Outcome,
  parseRefusalLine,
  type Submission,
  submissionOf,
} from '../submission.ts';
import { deadline, within } from '../within.ts';
import type { Intake, SubmissionState } from './intake.ts';
import { WaitingRoom } from './waiting-room.ts';

const STORE_TIMEOUT_MS = 900;

/** To be able to wait may not use up the time in which the submission can be accepted. */
const LISTEN_TIMEOUT_MS = 400;

/** The name by which API processes know each other among all that share the store. */
const API_NODE_NAME = 'api';

export interface OpenIntakeOptions {
  readonly store: QueueStore;
  readonly lanes: number;
  readonly log: Logger;
}

/** The intake with what it stands on. */
export interface OpenedIntake extends Intake {
  /** One queue for each lane, for the dashboard. */
  readonly queues: readonly LaneQueue[];
  readonly relay: StoreRelay;
}

/**
 * Opens the way into the lanes.
 *
 * @throws LaneCountMismatchError when the store is in use with another number of lanes
 */
export async function openIntake({ store, lanes, log }: OpenIntakeOptions): Promise<OpenedIntake> {
  await agreeOnLaneCount(openSettings(store), lanes);
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  // Each asks once; one that had no answer then would refuse everything, for ever.
  await Promise.all(queues.map(queue => queue.waitUntilReady()));
  const relay = store.openRelay(API_NODE_NAME);
  relay.on('error', error => logConnectionError(log, error, 'relay'));
  const room = new WaitingRoom(outcomeFeed(relay, log));

  // One add for each: gathering those of a turn into `addBulk` costs half as much CPU again (docs/performance.md).
  const accept = async (submission: Submission, withinMs = STORE_TIMEOUT_MS) => {
    const { id, userId, acceptedAt } = submission;
    const lane = laneOf(queues, userId);
    const options = { jobId: id, timestamp: acceptedAt.getTime() };
    const add = lane.add(JOB_NAME, dataOf(submission), options);
    await orUnavailable(
      add.then(() => store.acknowledged(lane, id)),
      withinMs,
    );
  };
  const jobOf = (userId: string, id: string, withinMs: number) =>
    orUnavailable(laneOf(queues, userId).getJob(id), withinMs);
  const outcomeSoFar = async ({ userId, id }: Submission) => {
    const job = await jobOf(userId, id, STORE_TIMEOUT_MS);
    return job?.finishedOn === undefined ? undefined : outcomeOf(job);
  };

  return {
    queues,
    relay,
    accept,
    async find(userId, submissionId, withinMs = STORE_TIMEOUT_MS) {
      const left = deadline(withinMs);
      const job = await jobOf(userId, submissionId, left());
      if (job === undefined) return undefined;
      const state = await orUnavailable(job.getState(), left());
      // It has failed since it was read: the reason came with that.
      const isOld = state === 'failed' && job.failedReason === undefined;
      const present = isOld ? await jobOf(userId, submissionId, left()) : job;
      return present && { submission: submissionOf(present), state: stateOf(present, state) };
    },
    async acceptAndWait(submission, waitMs) {
      const left = deadline(STORE_TIMEOUT_MS);
      const wait = room.enter(submission.id);
      try {
        const hears = await listensInTime(room);
        await accept(submission, left());
        // A repeated submission may have ended before: there will be no news of it. It is accepted in any case.
        const soFar = await outcomeSoFar(submission).catch(() => undefined);
        return soFar ?? (hears ? await wait.outcome(waitMs) : undefined);
      } finally {
        wait.end();
      }
    },
    async follow(submissionId) {
      const wait = room.enter(submissionId);
      await listensInTime(room);
      return wait;
    },
    ping: () => orUnavailable(store.ping(), STORE_TIMEOUT_MS),
    async close() {
      await room.close();
      await relay.close();
    },
  };
}

/** False when the news cannot be followed: the submission is still accepted, its sender asks again later. */
async function listensInTime(room: WaitingRoom): Promise<boolean> {
  try {
    await within(LISTEN_TIMEOUT_MS, room.listen());
    return true;
  } catch {
    return false;
  }
}

/** That of the user's lane among one for each lane. */
function laneOf<T>(each: readonly T[], userId: string): T {
  const found = each[laneIndexOf(userId, each.length)];
  if (found === undefined) throw new RangeError('there are no lanes');
  return found;
}

/** What a finished job says became of its submission. */
function outcomeOf(job: LaneJob): Outcome {
  return job.failedReason === undefined
    ? Value.Parse(Applied, job.returnvalue)
    : parseRefusalLine(job.failedReason);
}

function stateOf(job: LaneJob, state: string): SubmissionState {
  if (state === 'completed') return { status: 'completed' };
  if (state === 'failed') return parseRefusalLine(job.failedReason ?? '');
  return { status: state === 'active' ? 'processing' : 'queued' };
}

async function orUnavailable<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  try {
    return await within(withinMs, answer);
  } catch (error) {
    throw new QueueUnavailableError({ cause: error });
  }
}
