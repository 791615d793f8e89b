import type { OutcomeFeed } from '../outcome-feed.ts';
import { Wait } from './wait.ts';

/** Who may wait at once in this process. One more is told nothing, and asks again later. */
const MOST_WAITING = 10_000;

/** The news is followed for this much longer than anybody waits, for the next who does. */
const LINGER_MS = 30_000;

/**
 * Where requests wait for outcomes: one subscription to the news for all of
 * them, and none while nobody waits, so that nobody pays for unwanted news.
 */
export class WaitingRoom {
  readonly #feed: OutcomeFeed;
  readonly #waiting = new Map<string, Set<Wait>>();
  #listening: Promise<{ stop(): Promise<void> }> | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(feed: OutcomeFeed) {
    this.#feed = feed;
  }

  /** Begins to wait. What is heard is told at once, but only {@link listen} makes sure that something is. */
  enter(submissionId: string): Wait {
    const wait: Wait = new Wait(() => this.#remove(submissionId, wait));
    if (this.#waiting.size < MOST_WAITING) this.#add(submissionId, wait);
    return wait;
  }

  /**
   * When it resolves, those who have entered miss no later outcome.
   *
   * @throws when the news cannot be followed
   */
  async listen(): Promise<void> {
    this.#listening ??= this.#feed.listen(news => {
      for (const { submissionId, outcome } of news) {
        for (const wait of this.#waiting.get(submissionId) ?? []) wait.tell(outcome);
      }
    });
    const listening = this.#listening;
    try {
      await listening;
    } catch (error) {
      if (this.#listening === listening) this.#listening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    await this.#stopListening();
  }

  #add(submissionId: string, wait: Wait): void {
    clearTimeout(this.#linger);
    const waits = this.#waiting.get(submissionId);
    if (waits === undefined) this.#waiting.set(submissionId, new Set([wait]));
    else waits.add(wait);
  }

  #remove(submissionId: string, wait: Wait): void {
    const waits = this.#waiting.get(submissionId);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waiting.delete(submissionId);
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => void this.#stopListening(), LINGER_MS).unref();
  }

  async #stopListening(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    const subscription = await listening?.catch(() => undefined);
    await subscription?.stop().catch(() => {});
  }
}
