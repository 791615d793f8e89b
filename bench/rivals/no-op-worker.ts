/** The ceiling: what BullMQ itself does when a job is nothing. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { readWorkerConfig } from '../../src/config.ts';
import { SINGLE_QUEUE } from '../backlog.ts';

const CONCURRENCY = 64;

const { queueUrl } = readWorkerConfig(process.env);
const connection = new Redis(queueUrl, { maxRetriesPerRequest: null });
const worker = new Worker(SINGLE_QUEUE, async () => {}, {
  connection,
  concurrency: CONCURRENCY,
  removeOnComplete: { count: 200 },
});

process.once('SIGTERM', async () => {
  await worker.close();
  connection.disconnect();
});
