import { setTimeout as sleep } from 'node:timers/promises';
import { isConflict } from './database-errors.ts';

const MOST_ATTEMPTS = 6;
const LONGEST_WAIT_MS = 40;

/**
 * Runs a unit of work again when another writer came first: unique violation,
 * serialization failure, deadlock. PostgreSQL has rolled the transaction back,
 * so the work must begin a new one, on a fresh EntityManager: the old one still
 * holds the entities that collided. The waits are short and random, so that two
 * writers who collided do not collide again.
 *
 * @param onRetry told of each conflict, before the wait
 * @throws what the work throws: at once if it is no conflict, else after 6 attempts
 */
export async function retryConflicts<T>(
  work: () => Promise<T>,
  onRetry: (error: unknown, attempt: number) => void = () => {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt >= MOST_ATTEMPTS) throw error;
      onRetry(error, attempt);
      await sleep(Math.random() * LONGEST_WAIT_MS);
    }
  }
}
