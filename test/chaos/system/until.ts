import { setTimeout as sleep } from 'node:timers/promises';

const AGAIN_AFTER_MS = 200;

/** Does it again and again until it works. @throws its last error, after `withinMs` */
export async function untilWorks<T>(work: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

/** Like `untilWorks`, for what answers whether it is so. @throws after `withinMs` */
export function untilSo(what: string, ask: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  return untilWorks(async () => {
    if (!(await ask())) throw new Error(`it was to be so within ${withinMs / 1000} s: ${what}`);
  }, withinMs);
}
