import type { MikroORM } from '@mikro-orm/postgresql';
import { within } from '../within.ts';

const ASK_EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 1000;

/** One late answer is no outage. */
const UNWELL_AFTER_FAILURES = 3;

/** Watches whether this process can reach the database, so that others may take its lanes if not. */
export class DatabaseWatch {
  readonly #orm: MikroORM;
  readonly #timer: NodeJS.Timeout;
  #failures = 0;

  constructor(orm: MikroORM) {
    this.#orm = orm;
    this.#timer = setInterval(() => void this.#ask(), ASK_EVERY_MS);
  }

  /** False when the database has not answered for about 5 s. */
  isWell(): boolean {
    return this.#failures < UNWELL_AFTER_FAILURES;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      await within(ANSWER_WITHIN_MS, this.#orm.em.fork().execute('select 1'));
      this.#failures = 0;
    } catch {
      this.#failures++;
    }
  }
}
