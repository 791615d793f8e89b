import { setTimeout as delay } from 'node:timers/promises';

/** Only what will never come takes so long: even on a busy machine that is a few times slower than yours. */
export const WAIT_MS = 60_000;

/** What it costs to ask takes at most a fifth of the time: those who are waited for need the machine, too. */
const REST_TIMES = 4;
const LEAST_REST_MS = 5;
const LONGEST_REST_MS = 250;

/** Asks again and again until the answer is neither false nor nothing; for what sends no event of its own. */
export async function waitFor<T>(ask: () => T | Promise<T>, withinMs = WAIT_MS): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const asked = performance.now();
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for: ${ask}`);
    const tookMs = performance.now() - asked;
    await delay(Math.min(LONGEST_REST_MS, Math.max(LEAST_REST_MS, REST_TIMES * tookMs)));
  }
}
