/*
 * How BullMQ runs our lanes, whatever the store.
 */

const SECOND_MS = 1000;
const DAY_S = 24 * 60 * 60;

/** A dead process's lane is free for another after this long; a live one renews at half of it. */
export const LOCK_MS = 5 * SECOND_MS;

/** How often a process looks for lanes whose owner has died. */
export const STALLED_CHECK_MS = 2 * SECOND_MS;

/** Without end. Also what PostgreSQL takes for an integer: BullMQ's check fails there with more. */
const MOST_STALLED = 2 ** 31 - 1;

export const LANE_WORKER_OPTIONS = {
  autorun: false,
  concurrency: 1,
  lockDuration: LOCK_MS,
  stalledInterval: STALLED_CHECK_MS,
  // Running a job twice is safe: it finds its own issue. Failing it for a crash is not.
  maxStalledCount: MOST_STALLED,
  // An owner that stops leaves no wake-up for the next one: look by ourselves (seconds).
  drainDelay: 0.3,
  runRetryDelay: SECOND_MS,
  // Issues live in PostgreSQL; done jobs are kept for people who look at Bull Board.
  removeOnComplete: { count: 200 },
  // A failed job is the record of a rejection, and can be retried.
  removeOnFail: { count: 100_000, age: 90 * DAY_S },
};

/**
 * A turn may be taken twice at once: that only tells some outcomes twice. So its
 * lock may last longer than a lane's, for a process that gives way to the lanes
 * and may not have the processor for seconds.
 */
const TURN_LOCK_MS = 10 * SECOND_MS;

export const TURN_WORKER_OPTIONS = {
  // An endpoint that hangs keeps one of them for a round.
  concurrency: 16,
  lockDuration: TURN_LOCK_MS,
  stalledInterval: STALLED_CHECK_MS,
  maxStalledCount: MOST_STALLED,
  runRetryDelay: SECOND_MS,
  // A job that is there cannot be added: none may stay behind.
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};

/** Membership of the processes on one store: a silent one is forgotten after the lease. */
export const RELAY_OPTIONS = {
  namespace: 'intake',
  leaseDuration: 6 * SECOND_MS,
};
