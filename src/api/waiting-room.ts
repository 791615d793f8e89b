import type { OutcomeFeed } from '../outcome-feed.ts';
import type { Outcome } from '../submission.ts';

/** Who may wait at once in this process. One more is told nothing, and asks again later. */
const MOST_WAITING = 10_000;

/** The news is followed for this much longer than anybody waits, for the next who does. */
const LINGER_MS = 30_000;

type Tell = (outcome: Outcome) => void;

/** A wait for one submission's outcome. */
export interface Wait {
  /** Undefined when it has not come within `ms` milliseconds. */
  outcome(ms: number): Promise<Outcome | undefined>;
  /** Leaves; to be called in any case. */
  end(): void;
}

/**
 * Where requests wait for outcomes: one subscription to the news for all of
 * them, and none while nobody waits, so that nobody pays for unwanted news.
 */
export class WaitingRoom {
  readonly #feed: OutcomeFeed;
  readonly #waiting = new Map<string, Set<Tell>>();
  #listening: Promise<{ stop(): Promise<void> }> | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(feed: OutcomeFeed) {
    this.#feed = feed;
  }

  /**
   * Begins to wait; when it resolves, no later outcome is missed.
   *
   * @throws when the news cannot be followed
   */
  async enter(submissionId: string): Promise<Wait> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    if (this.#waiting.size < MOST_WAITING) this.#add(submissionId, resolve);
    try {
      await this.#listen();
    } catch (error) {
      this.#remove(submissionId, resolve);
      throw error;
    }
    return { outcome: ms => withTimeout(promise, ms), end: () => this.#remove(submissionId, resolve) };
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    await this.#stopListening();
  }

  #add(submissionId: string, tell: Tell): void {
    clearTimeout(this.#linger);
    const tells = this.#waiting.get(submissionId);
    if (tells === undefined) this.#waiting.set(submissionId, new Set([tell]));
    else tells.add(tell);
  }

  #remove(submissionId: string, tell: Tell): void {
    const tells = this.#waiting.get(submissionId);
    tells?.delete(tell);
    if (tells?.size === 0) this.#waiting.delete(submissionId);
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => void this.#stopListening(), LINGER_MS).unref();
  }

  async #listen(): Promise<void> {
    this.#listening ??= this.#feed.listen(news => {
      for (const { submissionId, outcome } of news) {
        for (const tell of this.#waiting.get(submissionId) ?? []) tell(outcome);
      }
    });
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  async #stopListening(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    const subscription = await listening?.catch(() => undefined);
    await subscription?.stop().catch(() => {});
  }
}

async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
