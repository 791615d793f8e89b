import type { Logger } from 'pino';
import { within } from './within.ts';

/** Longer than a unit of work, shorter than the patience of supervisors (Docker: 10 s, Kubernetes: 30 s). */
const LONGEST_CLOSE_MS = 9000;

/** npm passes on a Ctrl-C that the terminal has already sent to us: two signals this close are one. */
const SAME_SIGNAL_MS = 300;

type Close = () => Promise<unknown>;

/**
 * What to close when the process is told to stop, in the reverse order of
 * opening. SIGTERM or SIGINT closes everything within 9 s; a second one ends the
 * process at once. Nothing is lost either way: what is not finished is in the
 * queue store.
 */
export class Shutdown {
  readonly #log: Logger;
  readonly #closes: Close[] = [];
  #begunAt: number | undefined;
  #exit: ((code: number) => void) | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Calls `close` before everything that was added earlier. */
  add(close: Close): void {
    this.#closes.unshift(close);
  }

  /** Ends the process, through `exit`, when it is told to stop. */
  listen(exit: (code: number) => void): void {
    this.#exit = exit;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.#begunAt === undefined) void this.closeAll(signal).then(exit);
        else if (performance.now() - this.#begunAt > SAME_SIGNAL_MS) exit(1);
      });
    }
  }

  /** Closes everything and ends the process with code 1, for its supervisor to start another. */
  fail(reason: string): void {
    if (this.#begunAt === undefined) void this.closeAll(reason).then(() => this.#exit?.(1));
  }

  /** @returns the exit code: 0 when everything closed in time */
  async closeAll(reason: string): Promise<0 | 1> {
    this.#begunAt = performance.now();
    this.#log.info({ reason }, 'closing');
    try {
      await within(LONGEST_CLOSE_MS, this.#inTurn());
      this.#log.info('closed');
      return 0;
    } catch (error) {
      this.#log.error({ err: error }, 'not everything could be closed');
      return 1;
    }
  }

  async #inTurn(): Promise<void> {
    for (const close of this.#closes) await close();
  }
}
