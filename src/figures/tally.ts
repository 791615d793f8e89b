import type { Snapshot } from './snapshot.ts';

/*
 * What all processes together have counted since one of them began to watch. Each
 * process counts from its own start on; what it had counted before it was first
 * seen belongs to the time before, unless it began later than the watch. That is
 * told by how long each has gone on, not by clocks, which differ.
 */

export interface Counts {
  accepted: number;
  applied: number;
  readonly rejected: Record<string, number>;
  readonly failed: Record<string, number>;
  readonly retries: Record<string, number>;
  /** By `LATENCY_BOUNDS`. */
  readonly latency: number[];
}

export function noCounts(): Counts {
  return { accepted: 0, applied: 0, rejected: {}, failed: {}, retries: {}, latency: [] };
}

/** One that is silent for longer (a machine that slept) begins anew: what it counted meanwhile is not told. */
const REMEMBERED_FOR_MS = 60 * 60 * 1000;

export class Tally {
  readonly #ownId: string;
  readonly #seen = new Map<string, { readonly snapshot: Snapshot; readonly at: number }>();

  /** @param ownId of the process that watches: all that it counts is new */
  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  /**
   * Adds up what has been counted since the last call.
   *
   * @param watchedMs for how long all have been watched
   */
  take(snapshots: readonly Snapshot[], watchedMs: number): Counts {
    const counts = noCounts();
    for (const snapshot of snapshots) {
      const before = this.#seen.get(snapshot.id)?.snapshot;
      // After a failover the store may show an older one again.
      if (before !== undefined && before.ageMs > snapshot.ageMs) continue;
      if (before !== undefined || this.#isNew(snapshot, watchedMs)) addRise(counts, before, snapshot);
      this.#seen.set(snapshot.id, { snapshot, at: watchedMs });
    }
    this.#forget(watchedMs);
    return counts;
  }

  #isNew({ id, ageMs }: Snapshot, watchedMs: number): boolean {
    return id === this.#ownId || ageMs < Math.min(watchedMs, REMEMBERED_FOR_MS);
  }

  #forget(watchedMs: number): void {
    for (const [id, { at }] of this.#seen) {
      if (watchedMs - at > REMEMBERED_FOR_MS) this.#seen.delete(id);
    }
  }
}

function addRise(counts: Counts, before: Snapshot | undefined, now: Snapshot): void {
  counts.accepted += now.accepted - (before?.accepted ?? 0);
  counts.applied += now.applied - (before?.applied ?? 0);
  addRises(counts.rejected, before?.rejected, now.rejected);
  addRises(counts.failed, before?.failed, now.failed);
  addRises(counts.retries, before?.retries, now.retries);
  for (const [bucket, count] of now.latency.entries()) {
    counts.latency[bucket] = (counts.latency[bucket] ?? 0) + count - (before?.latency[bucket] ?? 0);
  }
}

function addRises(
  sums: Record<string, number>,
  before: Record<string, number> = {},
  now: Record<string, number>,
): void {
  for (const [name, count] of Object.entries(now)) {
    const rise = count - (before[name] ?? 0);
    if (rise > 0) sums[name] = (sums[name] ?? 0) + rise;
  }
}

/** Adds `more` to `counts`; not the latencies. */
export function addCounts(counts: Counts, more: Counts): void {
  counts.accepted += more.accepted;
  counts.applied += more.applied;
  addRises(counts.rejected, {}, more.rejected);
  addRises(counts.failed, {}, more.failed);
}
