import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 200;
const RESTART_AFTER_MS = 1000;

/**
 * Looks after a server that is no child of ours, and starts it again when it is gone.
 *
 * @param pid the number of its process; throws when it has none
 * @param restart tried again until it works
 * @returns ends the watch
 */
export function watchAlive(pid: () => Promise<number>, restart: () => Promise<unknown>): () => Promise<void> {
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      await sleep(LOOK_EVERY_MS);
      if (isOver || (await isAlive(pid))) continue;
      await sleep(RESTART_AFTER_MS);
      // On a full disk it cannot start; the next look tries again.
      if (!isOver) await restart().catch(() => {});
    }
  })();
  return async () => {
    isOver = true;
    await watching;
  };
}

async function isAlive(pid: () => Promise<number>): Promise<boolean> {
  try {
    return process.kill(await pid(), 0);
  } catch {
    return false;
  }
}
