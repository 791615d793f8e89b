/** The same route with BullMQ's `queue.add` for each request, as its documentation shows it. */
import { readApiConfig } from '../../src/config.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../../src/lanes.ts';
import { JOB_NAME, openQueueStore } from '../../src/queue-store.ts';
import { SILENT } from '../backlog.ts';
import { serve } from './serve.ts';

const { queueUrl, lanes } = readApiConfig(process.env);
const store = openQueueStore({ url: queueUrl, role: 'producer', log: SILENT });
const queues = allLanes(lanes).map(lane => store.openQueue(laneQueueName(lane)));

await serve(
  async ({ id, acceptedAt, ...data }) => {
    const queue = queues[laneIndexOf(data.userId, lanes)];
    await queue?.add(JOB_NAME, data, { jobId: id, timestamp: acceptedAt.getTime() });
  },
  () => store.close(),
);
