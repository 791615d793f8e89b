import { Queue } from 'bullmq';

/*
 * Sabotage of an API process, as a preload: it says that a submission is on its
 * lane a minute before it puts it there.
 */

const MINUTE_MS = 60_000;
const { add } = Queue.prototype;

Object.defineProperty(Queue.prototype, 'add', {
  async value(this: Queue, ...job: Parameters<typeof add>) {
    if (this.name.startsWith('{lane-')) setTimeout(() => add.apply(this, job), MINUTE_MS);
    else await add.apply(this, job);
  },
});
