import { Queue, Relay } from 'bullmq';

/*
 * Sabotage of a worker process, as a preload: a lane may have two submissions at
 * work, and every process believes that it is the only one and runs all lanes.
 */

const { setGlobalConcurrency } = Queue.prototype;
Queue.prototype.setGlobalConcurrency = function () {
  return setGlobalConcurrency.call(this, 2);
};

const { getNodes } = Relay.prototype;
Relay.prototype.getNodes = async function () {
  return (await getNodes.call(this)).filter(({ id }) => id === this.nodeId);
};
