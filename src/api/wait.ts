import type { Outcome } from '../submission.ts';

/** A wait for one submission's outcome. */
export class Wait {
  readonly #onEnd: () => void;
  #heard: Outcome | undefined;
  #wake: () => void = () => {};
  #isOver = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Whether {@link end} was called. */
  get isOver(): boolean {
    return this.#isOver;
  }

  tell(outcome: Outcome): void {
    this.#heard = outcome;
    this.#wake();
  }

  /**
   * The outcome, told once. Undefined when it has not come within `ms`
   * milliseconds, and when the wait is over. One call at a time.
   */
  async outcome(ms: number): Promise<Outcome | undefined> {
    if (this.#heard === undefined && !this.#isOver) await this.#something(ms);
    const outcome = this.#heard;
    this.#heard = undefined;
    return outcome;
  }

  /** Leaves, and wakes who waits; to be called in any case. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    this.#wake();
  }

  /** Thousands of these cost one timer: Node keeps those of equal length in one list. */
  async #something(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
