import { liveEpochs, type Standing } from '../epochs.ts';
import { ownerOf } from '../figures/owners.ts';
import type { Snapshot } from '../figures/snapshot.ts';
import { everyLane, type LaneSet, type OpenLane, openLaneSet } from '../lane-set.ts';
import { type Epoch, laneLabel, shortLabel } from '../lanes.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';

/** One lane, as it is now. */
interface Row {
  readonly label: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  /** Milliseconds since the acceptance of the first that waits. */
  readonly oldestMs: number | undefined;
  readonly owner: Snapshot | undefined;
}

export interface LaneTableOptions {
  readonly store: QueueStore;
  readonly standing: Standing;
  /** The processes that are there, the newest news last. */
  readonly processes: readonly Snapshot[];
}

/** The lanes of all epochs that are not over, with what is on each, as a table for people. */
export async function laneTable(options: LaneTableOptions): Promise<string> {
  const { standing } = options;
  const [served, ...others] = liveEpochs(standing);
  const parts = [served === undefined ? '' : await partOf(options, served, stateOf(standing))];
  for (const epoch of others) parts.push(await partOf(options, epoch, 'takes submissions; they wait'));
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

async function partOf(options: LaneTableOptions, epoch: Epoch, state: string): Promise<string> {
  const lanes = everyLane([await openLaneSet(options.store, epoch)]);
  const rows = await Promise.all(lanes.map(lane => read(options, lane)));
  const head = ['lane', 'waiting', 'at work', 'failed', 'oldest', 'owner'];
  const cells = rows.map(({ label, waiting, active, failed, oldestMs, owner }) => [
    label,
    String(waiting),
    String(active),
    String(failed),
    oldestMs === undefined ? '-' : `${(oldestMs / 1000).toFixed(1)} s`,
    owner === undefined ? '-' : `${owner.host} ${owner.pid}`,
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

async function read({ store, processes }: LaneTableOptions, { lane, queue }: OpenLane): Promise<Row> {
  const [counts, oldestMs] = await Promise.all([
    queue.getJobCounts('waiting', 'active', 'failed'),
    ageOfOldest(store, queue),
  ]);
  const { waiting = 0, active = 0, failed = 0 } = counts;
  const owner = ownerOf(shortLabel(lane), processes);
  return { label: laneLabel(lane), waiting, active, failed, oldestMs, owner };
}

async function ageOfOldest(store: QueueStore, queue: LaneQueue): Promise<number | undefined> {
  const [id] = await store.waitingIds(queue, 1);
  const job = id === undefined ? undefined : await queue.getJob(id);
  return job === undefined ? undefined : Math.max(0, Date.now() - job.timestamp);
}
