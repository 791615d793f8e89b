import { liveEpochs, type Standing } from '../epochs.ts';
import { type LaneSet, openLaneSet } from '../lane-set.ts';
import { type Epoch, laneLabel, lanesOf } from '../lanes.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';

/** One lane, as it is now. */
interface Row {
  readonly label: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  /** Milliseconds since the acceptance of the first that waits. */
  readonly oldestMs: number | undefined;
}

/** The lanes of all epochs that are not over, with what is on each, as a table for people. */
export async function laneTable(store: QueueStore, standing: Standing): Promise<string> {
  const [served, ...others] = liveEpochs(standing);
  const parts = [served === undefined ? '' : await partOf(store, served, stateOf(standing))];
  for (const epoch of others) parts.push(await partOf(store, epoch, 'takes submissions; they wait'));
  return parts.join('\n');
}

/** How many wait, or are being applied, on lanes. */
export async function unfinishedOn(sets: readonly LaneSet[]): Promise<number> {
  const counts = await Promise.all(
    sets
      .flatMap(({ queues }) => queues)
      .map(queue => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function stateOf(standing: Standing): string {
  if (liveEpochs(standing).length === 1) return 'served';
  return standing.sealed > standing.drained ? 'sealed, being drained' : 'about to be sealed';
}

async function partOf(store: QueueStore, epoch: Epoch, state: string): Promise<string> {
  const { queues } = await openLaneSet(store, epoch);
  const labels = lanesOf(epoch).map(laneLabel);
  const rows = await Promise.all(queues.map((queue, index) => read(store, queue, labels[index] ?? '')));
  const head = ['lane', 'waiting', 'at work', 'failed', 'oldest'];
  const cells = rows.map(({ label, waiting, active, failed, oldestMs }) => [
    label,
    String(waiting),
    String(active),
    String(failed),
    oldestMs === undefined ? '-' : `${(oldestMs / 1000).toFixed(1)} s`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map(row => row[column]?.length ?? 0)),
  );
  const lines = [head, ...cells].map(row =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '),
  );
  const title = `epoch ${epoch.number}: ${epoch.lanes} lanes, ${state}`;
  return `${[title, ...lines.map(line => `  ${line.trimEnd()}`)].join('\n')}\n`;
}

async function read(store: QueueStore, queue: LaneQueue, label: string): Promise<Row> {
  const [counts, oldestMs] = await Promise.all([
    queue.getJobCounts('waiting', 'active', 'failed'),
    ageOfOldest(store, queue),
  ]);
  const { waiting = 0, active = 0, failed = 0 } = counts;
  return { label, waiting, active, failed, oldestMs };
}

async function ageOfOldest(store: QueueStore, queue: LaneQueue): Promise<number | undefined> {
  const [id] = await store.waitingIds(queue, 1);
  const job = id === undefined ? undefined : await queue.getJob(id);
  return job === undefined ? undefined : Math.max(0, Date.now() - job.timestamp);
}
