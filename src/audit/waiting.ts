import type { JobState, OnLane } from './job-pages.ts';

/** Counts what is on the lanes, and finds what has waited longest. */
export class Waiting {
  #jobs = 0;
  #waiting = 0;
  #oldest: { lane: string; acceptedAt: number } | undefined;

  note(page: readonly OnLane[], state: JobState, lane: string): void {
    this.#jobs += page.length;
    if (state !== 'waiting') return;
    this.#waiting += page.length;
    for (const { acceptedAt } of page) {
      const at = acceptedAt.getTime();
      if (this.#oldest === undefined || at < this.#oldest.acceptedAt) this.#oldest = { lane, acceptedAt: at };
    }
  }

  seen() {
    const oldest = this.#oldest;
    return {
      jobs: this.#jobs,
      waiting: this.#waiting,
      oldestWaiting: oldest && { lane: oldest.lane, ageMs: Math.max(0, Date.now() - oldest.acceptedAt) },
    };
  }
}
