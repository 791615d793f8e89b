import type { Logger } from 'pino';
import { Value } from 'typebox/value';
import { logConnectionError } from '../connection-errors.ts';
import { Entrance } from '../entrance.ts';
import { openSettings } from '../epoch-records.ts';
import { Epochs } from '../epochs.ts';
import { QueueUnavailableError } from '../errors.ts';
import type { LaneSet } from '../lane-set.ts';
import { outcomeFeed } from '../outcome-feed.ts';
import type { LaneJob, LaneQueue, QueueStore, StoreRelay } from '../queue-store.ts';
import { orDrop } from '../ready-queues.ts';
import { openReadyRelay } from '../ready-relay.ts';
import { Applied, type Outcome, parseRefusalLine, type Submission, submissionOf } from '../submission.ts';
import { deadline, within } from '../within.ts';
import type { Intake, SubmissionState } from './intake.ts';
import { WaitingRoom } from './waiting-room.ts';

const STORE_TIMEOUT_MS = 900;

/** How soon this process hears of another number of lanes. Until then it finds the old ones sealed. */
const LOOK_EVERY_MS = 1000;

/** To be able to wait may not use up the time in which the submission can be accepted. */
const LISTEN_TIMEOUT_MS = 400;

/** The name by which API processes know each other among all that share the store. */
const API_NODE_NAME = 'api';

export interface OpenIntakeOptions {
  readonly store: QueueStore;
  /** What a new store begins with; one in use has had as many. */
  readonly lanes: number;
  readonly log: Logger;
}

/** The intake with what it stands on. */
export interface OpenedIntake extends Intake {
  /** The lanes of all epochs that are not over, the oldest first. The same array until they change. */
  lanes(): readonly LaneSet[];
  /** From here on they are as of now, whatever this process had heard. @throws QueueUnavailableError */
  lookAnew(): Promise<void>;
  /** One queue for each lane of the newest epoch. */
  readonly queues: readonly LaneQueue[];
  readonly relay: StoreRelay;
}

/**
 * Opens the way into the lanes.
 *
 * @throws LaneCountMismatchError when the store has never been in use with as many lanes
 */
export async function openIntake({ store, lanes, log }: OpenIntakeOptions): Promise<OpenedIntake> {
  const { entrance, relay } = await orDrop(store, async noting => ({
    entrance: await Entrance.open(noting, await Epochs.open(await openSettings(noting), lanes)),
    relay: await openReadyRelay(noting, API_NODE_NAME, log),
  }));
  const look = () => entrance.look().catch(error => logConnectionError(log, error, 'lanes'));
  const looking = setInterval(look, LOOK_EVERY_MS);
  const room = new WaitingRoom(outcomeFeed(relay, log));

  // One add for each: gathering those of a turn into `addBulk` costs half as much CPU again (docs/performance.md).
  const accept = (submission: Submission, withinMs = STORE_TIMEOUT_MS) =>
    orUnavailable(() => entrance.add(submission), withinMs);
  const jobOf = (userId: string, id: string, withinMs: number) =>
    orUnavailable(() => entrance.find(userId, id), withinMs);
  const outcomeSoFar = async ({ userId, id }: Submission) => {
    const job = await jobOf(userId, id, STORE_TIMEOUT_MS);
    return job?.finishedOn === undefined ? undefined : outcomeOf(job);
  };

  return {
    lanes: () => entrance.sets,
    lookAnew: () => orUnavailable(() => entrance.lookAnew(), STORE_TIMEOUT_MS),
    get queues() {
      return entrance.sets.at(-1)?.queues ?? [];
    },
    relay,
    accept,
    async find(userId, submissionId, withinMs = STORE_TIMEOUT_MS) {
      const left = deadline(withinMs);
      const job = await jobOf(userId, submissionId, left());
      if (job === undefined) return undefined;
      const state = await orUnavailable(() => job.getState(), left());
      // It has failed since it was read: the reason came with that.
      const isOld = state === 'failed' && job.failedReason === undefined;
      const present = isOld ? await jobOf(userId, submissionId, left()) : job;
      if (present === undefined) return undefined;
      const submission = submissionOf(present);
      // Users share lanes, and one may ask for another's id.
      return submission.userId === userId ? { submission, state: stateOf(present, state) } : undefined;
    },
    async acceptAndWait(submission, waitMs, withinMs = STORE_TIMEOUT_MS) {
      const [left, leftToWait] = [deadline(withinMs), deadline(waitMs)];
      const wait = room.enter(submission.id);
      try {
        const hears = await listensInTime(room);
        await accept(submission, left());
        // A repeated submission may have ended before: there will be no news of it. It is accepted in any case.
        const soFar = await outcomeSoFar(submission).catch(() => undefined);
        return soFar ?? (hears ? await wait.outcome(leftToWait()) : undefined);
      } finally {
        wait.end();
      }
    },
    async follow(submissionId) {
      const wait = room.enter(submissionId);
      await listensInTime(room);
      return wait;
    },
    ping: () => orUnavailable(() => store.ping(), STORE_TIMEOUT_MS),
    async close() {
      clearInterval(looking);
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

async function orUnavailable<T>(ask: () => Promise<T>, withinMs: number): Promise<T> {
  // Whoever has no time left has been told so by the time the store does it.
  if (withinMs <= 0) throw new QueueUnavailableError();
  try {
    return await within(withinMs, ask());
  } catch (error) {
    throw new QueueUnavailableError({ cause: error });
  }
}
