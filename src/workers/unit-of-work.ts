import { type EntityManager, IsolationLevel, type MikroORM } from '@mikro-orm/postgresql';
import { LANES_CLASS, type Lane, laneNumber } from '../lanes.ts';

const TAKE_LOCK = 'select pg_advisory_xact_lock(?, ?)';

interface Owned {
  /** @throws LaneLostError */
  confirm(): Promise<void>;
}

/** A lane, and how to make sure that this process still has it. */
export interface OwnedLane extends Owned {
  readonly lane: Lane;
}

/** The lanes that some users have in several epochs, the oldest first: so nobody waits in a circle. */
export interface OwnedLanes extends Owned {
  readonly lanes: readonly Lane[];
}

/**
 * A transaction that has its lane to itself. The queue store gives a lane to one
 * process at a time, but one that was stopped (SIGSTOP), or waited for a database
 * that hung, goes on later as if it still had it. Two things together keep it
 * from doing harm. Owners take turns on an advisory lock, which the server frees
 * when one is stopped in the middle (database-connections.ts). And whoever has
 * that lock makes sure, before it commits, that the lane is still its own: the
 * next owner is then waiting for the lock, or there is none.
 *
 * @throws LaneLostError: nothing is written then
 */
export async function unitOfWork<T>(
  orm: MikroORM,
  owned: OwnedLane | OwnedLanes,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  const lanes = 'lane' in owned ? [owned.lane] : owned.lanes;
  // A fresh fork each time: after a unique violation the transaction is dead, and so is what it read.
  return orm.em.fork().transactional(
    async em => {
      // A statement of its own: what it waits for is seen by the next one only, and is
      // seen there because each statement reads anew, whatever the database's default.
      for (const lane of lanes) await em.execute(TAKE_LOCK, [LANES_CLASS, laneNumber(lane)]);
      // Asked while the work goes on, so that it costs no time; heard after it, because
      // a transaction must not end under statements that are still on their way.
      const [confirmed, done] = await Promise.allSettled([owned.confirm(), work(em)]);
      if (done.status === 'rejected') throw done.reason;
      if (confirmed.status === 'rejected') throw confirmed.reason;
      return done.value;
    },
    { isolationLevel: IsolationLevel.READ_COMMITTED },
  );
}

/**
 * Waits until each unit of work that has the lock of one of these lanes has ended.
 * One that gets it later finds that the lane is not its own, if there is nothing on it.
 *
 * @throws the database's error
 */
export async function passUnitsOfWork(orm: MikroORM, lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) await orm.em.fork().execute(TAKE_LOCK, [LANES_CLASS, laneNumber(lane)]);
}
