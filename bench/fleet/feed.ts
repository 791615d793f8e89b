import type { Submission } from '../../src/submission.ts';
import type { Backlog } from '../backlog.ts';
import { submissions } from '../workload.ts';

const EVERY_MS = 10;
const USERS = 5000;

export interface Feeding {
  /** @returns how many were added */
  stop(): Promise<number>;
}

/** Adds submissions to the lanes at a steady rate. */
export function feed(lanes: Backlog, perSecond: number): Feeding {
  const began = performance.now();
  const endless = submissions(Number.POSITIVE_INFINITY, USERS);
  let added = 0;
  let adding: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    const some: Submission[] = [];
    for (; added < due; added++) {
      const { done, value } = endless.next();
      if (!done) some.push(value);
    }
    // One after the other, so that a user's order is the order of the numbers in the titles.
    adding = adding.then(() => lanes.add(some));
  }, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await adding;
      return added;
    },
  };
}
