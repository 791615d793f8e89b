import type { Logger } from 'pino';
import { Value } from 'typebox/value';
import { QueueUnavailableError } from '../errors.ts';
import { agreeOnLaneCount, openSettings } from '../lane-count.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../lanes.ts';
import { outcomeFeed } from '../outcome-feed.ts';
import { JOB_NAME, type LaneJob, type LaneQueue, type QueueStore } from '../queue-store.ts';
import { Applied, type Outcome, parseRefusalLine, type Submission, submissionOf } from '../submission.ts';
import { within } from '../within.ts';
import type { Intake, SubmissionState } from './intake.ts';
import { type Wait, WaitingRoom } from './waiting-room.ts';

const STORE_TIMEOUT_MS = 900;

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
}

/**
 * Opens the way into the lanes.
 *
 * @throws LaneCountMismatchError when the store is in use with another number of lanes
 */
export async function openIntake({ store, lanes, log }: OpenIntakeOptions): Promise<OpenedIntake> {
  await agreeOnLaneCount(openSettings(store), lanes);
  const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));
  const relay = store.openRelay(API_NODE_NAME);
  relay.on('error', error => log.warn({ err: error }, 'relay'));
  const room = new WaitingRoom(outcomeFeed(relay, log));

  // One add for each: gathering those of a turn into `addBulk` costs half as much CPU again (docs/performance.md).
  const accept = async ({ id, acceptedAt, ...data }: Submission) => {
    const options = { jobId: id, timestamp: acceptedAt.getTime() };
    await orUnavailable(laneOf(queues, data.userId).add(JOB_NAME, data, options));
  };
  const jobOf = (userId: string, id: string) => orUnavailable(laneOf(queues, userId).getJob(id));
  const outcomeSoFar = async ({ userId, id }: Submission) => {
    const job = await jobOf(userId, id);
    return job?.finishedOn === undefined ? undefined : outcomeOf(job);
  };

  return {
    queues,
    accept,
    async find(userId, submissionId) {
      const job = await jobOf(userId, submissionId);
      return job && { submission: submissionOf(job), state: await orUnavailable(stateOf(job)) };
    },
    async acceptAndWait(submission, waitMs) {
      const wait = await enterInTime(room, submission.id);
      try {
        await accept(submission);
        // A repeated submission may have ended before: there will be no news of it.
        return (await outcomeSoFar(submission)) ?? (await wait?.outcome(waitMs));
      } finally {
        wait?.end();
      }
    },
    ping: () => orUnavailable(store.ping()),
    async close() {
      await room.close();
      await relay.close();
    },
  };
}

/** Undefined when the news cannot be followed: the submission is still accepted, its sender asks again later. */
async function enterInTime(room: WaitingRoom, submissionId: string): Promise<Wait | undefined> {
  const entering = room.enter(submissionId);
  try {
    return await within(STORE_TIMEOUT_MS, entering);
  } catch {
    // Nobody will wait there any more, however late the door opens.
    void entering.then(wait => wait.end()).catch(() => {});
    return undefined;
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

async function stateOf(job: LaneJob): Promise<SubmissionState> {
  const state = await job.getState();
  if (state === 'completed') return { status: 'completed' };
  if (state === 'failed') return parseRefusalLine(job.failedReason ?? '');
  return { status: state === 'active' ? 'processing' : 'queued' };
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await within(STORE_TIMEOUT_MS, answer);
  } catch (error) {
    throw new QueueUnavailableError({ cause: error });
  }
}
