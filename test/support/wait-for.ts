import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is neither false nor nothing; for what sends no event of its own. */
export async function waitFor<T>(ask: () => T | Promise<T>, withinMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for: ${ask}`);
    await delay(5);
  }
}
