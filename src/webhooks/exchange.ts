import type { ClientRequest, IncomingMessage } from 'node:http';
import { failureOf } from './failure.ts';

/*
 * One request and its answer. Whatever the other side does, it ends when its time
 * is over: a connection that is not made, an answer that does not come, a body
 * that trickles.
 */

/** An answer tells by its status. The rest is read to keep the connection, and not kept. */
const MOST_BYTES = 64 * 1024;

/** The status that was answered, or why there is none. */
export type Exchanged =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly failure: string };

export interface ExchangeOptions {
  /** Begins the request, on a connection that was used before or, if `anew`, on one of its own. */
  readonly begin: (anew: boolean) => ClientRequest;
  readonly body: string;
  readonly timeoutMs: number;
  readonly abort: AbortSignal;
}

/** Sends a request and reads the status of its answer. Never rejects. */
export function exchange(options: ExchangeOptions): Promise<Exchanged> {
  return new Promise(resolve => new Exchange(options, resolve).start());
}

class Exchange {
  readonly #options: ExchangeOptions;
  readonly #resolve: (exchanged: Exchanged) => void;
  readonly #timer: NodeJS.Timeout;
  #request: ClientRequest | undefined;
  #answered: Exchanged | undefined;
  #isOver = false;

  constructor(options: ExchangeOptions, resolve: (exchanged: Exchanged) => void) {
    this.#options = options;
    this.#resolve = resolve;
    const { timeoutMs, abort } = options;
    this.#timer = setTimeout(() => this.#cut(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    abort.addEventListener('abort', this.#stop);
  }

  start(): void {
    if (this.#options.abort.aborted) this.#stop();
    else this.#send(false);
  }

  #send(anew: boolean): void {
    const request = this.#options.begin(anew);
    this.#request = request;
    request.on('response', answer => this.#read(answer));
    request.on('error', error => this.#broke(request, error, anew));
    // An error comes first, if there was one.
    request.on('close', () => {
      if (request === this.#request) this.#end('the connection was closed without an answer');
    });
    request.end(this.#options.body);
  }

  #read(answer: IncomingMessage): void {
    const { statusCode = 0, headers } = answer;
    this.#answered = { status: statusCode, retryAfter: headers['retry-after'] };
    let bytes = 0;
    answer.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_BYTES) this.#cut('');
    });
    answer.on('end', () => this.#end(''));
    // Broken off. The status came, and counts.
    answer.on('error', () => this.#end(''));
  }

  /**
   * A connection that was idle may have been closed by the other side just as it
   * was used again. That is no failure; and a message that comes twice has the
   * same id.
   */
  #broke(request: ClientRequest, error: Error, anew: boolean): void {
    const wasIdle = request.reusedSocket && this.#answered === undefined;
    if (wasIdle && !anew && !this.#isOver) this.#send(true);
    else this.#end(failureOf(error));
  }

  readonly #stop = () => this.#cut('stopped');

  #cut(failure: string): void {
    this.#end(failure);
    this.#request?.destroy();
  }

  /** @param failure counts if nothing was answered */
  #end(failure: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#options.abort.removeEventListener('abort', this.#stop);
    this.#resolve(this.#answered ?? { failure });
  }
}
