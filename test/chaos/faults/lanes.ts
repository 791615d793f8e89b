import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct } from '../../support/product-process.ts';
import { untilSo } from '../system/until.ts';
import type { Fault } from './fault.ts';

/** Not fewer than there are workers. */
const COUNTS = [4, 8, 12, 16, 24, 32];

/** It ends when nothing is left on the old lanes; other faults may keep them from it. */
const CHANGED_WITHIN_MS = 180_000;

export const LANE_FAULTS: readonly Fault[] = [
  {
    name: 'lanes-resize',
    title: 'another number of lanes (`npm run lanes -- resize`), the command killed and run again',
    target: 'lanes',
    durationMs: 0,
    leastMs: 0,
    async inject({ system: { postgres, redis }, random }) {
      const args = ['resize', String(random.pick(COUNTS))];
      const command = () =>
        startProduct('lanes', { DATABASE_URL: postgres.url, QUEUE_URL: redis.url }, { args });
      const killed = command();
      await sleep(random.between(200, 1500));
      await killed.end('SIGKILL');
      const isChanged = async () => (await command().ended) === 0;
      return () => untilSo('the number of lanes has changed', isChanged, CHANGED_WITHIN_MS);
    },
  },
];
