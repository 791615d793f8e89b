import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * How fast outcomes are told. On a machine that others keep busy, lanes above all,
 * slowly: what is told a minute later is no loss, and what tells it (this process,
 * PostgreSQL, often the receiver) takes more than twice the processor that applying
 * takes. Elsewhere, and as soon as the others are done, as fast as receivers answer.
 */

/** What others use of the machine's processors, as a part of all, from which on it is busy. */
const BUSY_FROM = 0.55;

/** A hundred took about a twelfth of two slow cores; this is still 540,000 in an hour. */
const SENT_PER_SECOND = 150;

/** Less says little: the kernel counts in ticks of 10 ms. */
const LOOK_EVERY_MS = 200;

/** Milliseconds since some moment in the past. */
export interface ProcessorTime {
  /** Of all processors together, idle or not. */
  readonly all: number;
  /** In which they worked for others than this process. */
  readonly others: number;
}

export class Pace {
  readonly #read: () => ProcessorTime;
  #last: ProcessorTime;
  #lookedAt = performance.now();
  /** Until it is known better. */
  #isBusy = true;
  #nextAt = 0;

  constructor(read = readProcessorTime) {
    this.#read = read;
    this.#last = read();
  }

  /** Whether others keep the machine busy, as of the last look. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** To be called again and again. */
  look(): void {
    if (performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    const now = this.#read();
    const all = now.all - this.#last.all;
    if (all > 0) this.#isBusy = (now.others - this.#last.others) / all >= BUSY_FROM;
    this.#last = now;
    this.#lookedAt = performance.now();
  }

  /** Resolves when one more may be sent; at once on a machine that is not busy, or when `stopping` aborts. */
  async next(stopping: AbortSignal): Promise<void> {
    if (!this.#isBusy) return;
    const now = performance.now();
    this.#nextAt = Math.max(now, this.#nextAt) + 1000 / SENT_PER_SECOND;
    await sleep(this.#nextAt - now, undefined, { signal: stopping }).catch(() => {});
  }
}

function readProcessorTime(): ProcessorTime {
  let [all, busy] = [0, 0];
  for (const { times } of os.cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busy += working;
    all += working + times.idle;
  }
  const { user, system } = process.cpuUsage();
  return { all, others: busy - (user + system) / 1000 };
}
