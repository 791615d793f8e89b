import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LANES, openLanes } from '../backlog.ts';
import type { Bench } from '../measurement.ts';
import type { Figures } from '../report/figures.ts';
import { until } from '../system/child.ts';
import { startWorker } from '../system/roles.ts';
import { submissions } from '../workload.ts';
import { appliedLines, type Line } from './worker-log.ts';

const USERS = 5000;
const A_THIRD = Math.ceil(DEFAULT_LANES / 3);
const LOOK_EVERY_MS = 100;

/** A second process joins one with a long queue; both logs tell who applied what, and when. */
export async function joinSaturated({ services, options }: Bench, figures: Figures): Promise<void> {
  const { joinQueued, joinWatchSeconds } = options.sizes;
  const stores = { databaseUrl: await services.reset(), queueUrl: services.redisUrl };
  const lanes = await openLanes(services.redisUrl);
  await lanes.add(submissions(joinQueued, USERS));
  const first = startWorker(stores);
  try {
    await until([first], async () => (await lanes.remaining()) < joinQueued * 0.95);
    const joined = Date.now();
    const second = startWorker(stores);
    try {
      for (
        let added = joinQueued;
        Date.now() < joined + joinWatchSeconds * 1000;
        await sleep(LOOK_EVERY_MS)
      ) {
        second.expectAlive();
        if ((await lanes.remaining()) > joinQueued / 2) continue;
        // Saturated until the end, however fast the machine is.
        await lanes.add(submissions(joinQueued / 2, USERS, added));
        added += joinQueued / 2;
      }
      report(figures, joined, appliedLines(first.output()), appliedLines(second.output()));
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
    await lanes.close();
  }
}

function report(figures: Figures, joined: number, first: readonly Line[], second: readonly Line[]): void {
  const firstAt = second[0]?.time;
  const thirdAt = timeOfLanes(second, A_THIRD);
  if (firstAt === undefined || thirdAt === undefined)
    throw new Error(`the second process had no third of the lanes while it was watched`);
  figures.add('fleet.join.first', 's', (firstAt - joined) / 1000);
  figures.add('fleet.join.third', 's', (thirdAt - joined) / 1000);
  const since = (lines: readonly Line[]) => lines.filter(({ time }) => time >= thirdAt).length;
  figures.add('fleet.join.share', '%', (100 * since(second)) / (since(first) + since(second)));
}

/** When so many different lanes have had something applied. */
function timeOfLanes(lines: readonly Line[], count: number): number | undefined {
  const seen = new Set<string>();
  return lines.find(({ lane }) => seen.add(lane).size === count)?.time;
}
