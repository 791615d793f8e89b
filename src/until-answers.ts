import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { CannotRunError, messageOf } from './errors.ts';

const ASK_EVERY_MS = 500;
const SAY_EVERY_MS = 5000;

/**
 * Waits for something this process cannot do without, and says so, soon and then
 * every 5 s: a supervisor may start us before it.
 *
 * @param what its name, for the log
 * @param ask resolves when it answers
 * @param meanwhile called once, when there is something to say
 * @throws CannotRunError when `ask` does: that does not pass by waiting
 */
export async function untilAnswers<T>(
  what: string,
  ask: () => Promise<T>,
  log: Logger,
  meanwhile?: () => Promise<void>,
): Promise<T> {
  let saidAt = Number.NEGATIVE_INFINITY;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof CannotRunError) throw error;
      // A first failure is not worth a line: connecting takes a moment.
      if (attempt > 0 && performance.now() - saidAt >= SAY_EVERY_MS) {
        log.warn({ reason: messageOf(error) }, `waiting for the ${what}`);
        saidAt = performance.now();
      }
      if (attempt === 1) await meanwhile?.();
      await sleep(ASK_EVERY_MS);
    }
  }
}
