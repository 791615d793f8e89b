import pLimit from 'p-limit';
import { IntakeError } from '../errors.ts';

/** Fewer than the connections to the database: thousands of streams leave some to the other requests. */
const LOOKS_AT_ONCE = 8;

/** There are more streams than can be served, here and now. */
export class StreamsFullError extends IntakeError {
  override readonly code = 'streams_full';
  override readonly status = 503;
  override readonly title = 'No further event stream can be served now';

  constructor() {
    super('too many clients follow submissions at once; try again, or ask for the status');
  }
}

/** What streams ask of queue and database, in turn: when thousands end at once, none is told that they are away. */
export class Looks {
  readonly #inTurn = pLimit(LOOKS_AT_ONCE);

  /**
   * Looks when its turn comes.
   *
   * @throws StreamsFullError when that took longer than `patienceMs`, as when the database does not answer; and what `look` throws
   */
  inTurn<T>(patienceMs: number, look: () => Promise<T>): Promise<T> {
    const askedAt = performance.now();
    return this.#inTurn(() => {
      if (performance.now() - askedAt > patienceMs) throw new StreamsFullError();
      return look();
    });
  }
}
