import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRunError } from '../errors.ts';

const MOST_TRIES = 5;
const WAIT_MS = 500;

/**
 * Asks a store that may be busy: it gives each question less than a second, and
 * an audit of a large system should not end for one of them.
 *
 * @throws what the last of five tries throws
 */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === MOST_TRIES || error instanceof CannotRunError) throw error;
      await sleep(WAIT_MS);
    }
  }
}
