import { setTimeout as sleep } from 'node:timers/promises';
import { Job, Queue } from 'bullmq';

/* Sabotage, as a preload: all lanes look empty, and it takes a while until they are. */

Queue.prototype.getJobCountByTypes = async () => 0;

const { moveToCompleted } = Job.prototype;
Job.prototype.moveToCompleted = async function (this: Job, ...outcome: Parameters<typeof moveToCompleted>) {
  await sleep(1000);
  return moveToCompleted.apply(this, outcome);
};
