import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from './errors.ts';

const ASK_EVERY_MS = 500;
const SAY_EVERY = 10;

/**
 * Waits for something this process cannot do without, and says so, soon and then
 * every 5 s: a supervisor may start us before it.
 *
 * @param what its name, for the log
 * @param ask resolves when it answers
 */
export async function untilAnswers(what: string, ask: () => Promise<unknown>, log: Logger): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt % SAY_EVERY === 1) log.warn({ reason: messageOf(error) }, `waiting for the ${what}`);
      await sleep(ASK_EVERY_MS);
    }
  }
}
