import { Queue } from 'bullmq';

/* Sabotage, as a preload: every lane of the first epoch looks sealed, whether it is or not. */

const { add } = Queue.prototype;
Queue.prototype.add = function (this: Queue, ...job: Parameters<typeof add>) {
  if (/^\{lane-\d+-\d+\}$/.test(this.name)) throw new Error('value is not an integer');
  return add.apply(this, job);
};
