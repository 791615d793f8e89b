import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { ApiError } from './api-error.ts';
import { StreamsFullError } from './looks.ts';
import type { Wait } from './wait.ts';

/*
 * The streams that are open in this process: how many there may be, and their end
 * when the client goes away or the process stops.
 */

/** A stream is a connection and some 50 kB. With more there would be too little left for the other requests. */
const MOST_STREAMS = 5_000;

/** A browser opens six connections to a host: enough for three of them. */
const MOST_STREAMS_OF_A_USER = 20;

/** Longest that a client which does not read, or a database that does not answer, holds up the end of the process. */
const LAST_WORDS_MS = 2_000;

class TooManyStreamsError extends ApiError {
  override readonly code = 'too_many_streams';
  override readonly status = 429;
  override readonly title = 'You follow too many submissions at once';

  constructor() {
    super(`you may have ${MOST_STREAMS_OF_A_USER} event streams at once; close one, or ask for the status`);
  }

  override get headers() {
    return { 'retry-after': '5' };
  }
}

export class OpenStreams {
  readonly #perUser = new Map<string, number>();
  readonly #waits = new Map<ServerResponse, Wait>();
  #count = 0;
  #isClosing = false;

  /**
   * Takes a place until `response` has ended, however it ends.
   *
   * @throws TooManyStreamsError, StreamsFullError
   */
  enter(userId: string, response: ServerResponse): void {
    const ofUser = this.#perUser.get(userId) ?? 0;
    if (ofUser >= MOST_STREAMS_OF_A_USER) throw new TooManyStreamsError();
    if (this.#count >= MOST_STREAMS) throw new StreamsFullError();
    this.#perUser.set(userId, ofUser + 1);
    this.#count++;
    finished(response, () => this.#leave(userId));
  }

  /** Ends `wait` when the response has ended, and when the process stops. */
  endInTime(wait: Wait, response: ServerResponse): void {
    this.#waits.set(response, wait);
    finished(response, () => {
      this.#waits.delete(response);
      wait.end();
    });
    if (this.#isClosing) wait.end();
  }

  /** Ends every stream, also those that are yet to come. */
  close(): void {
    this.#isClosing = true;
    for (const wait of this.#waits.values()) wait.end();
    setTimeout(() => {
      for (const response of this.#waits.keys()) response.destroy();
    }, LAST_WORDS_MS).unref();
  }

  #leave(userId: string): void {
    this.#count--;
    const left = (this.#perUser.get(userId) ?? 0) - 1;
    if (left > 0) this.#perUser.set(userId, left);
    else this.#perUser.delete(userId);
  }
}
