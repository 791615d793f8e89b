import type { MikroORM } from '@mikro-orm/postgresql';
import { LAST_ISSUE_NUMBER, lastOf } from '../issue-number.ts';
import { LANES_CLASS } from '../lanes.ts';

/*
 * Up to where the order of deliveries is known. Units of work run at once, so one
 * may commit low numbers after another has committed higher ones: whoever told an
 * endpoint in the order of what is there would tell the low ones too late.
 *
 * A unit of work takes its lane's lock, then writes its outbox entry, then draws
 * the numbers of its issues. So of all that will ever be at or below the last
 * number and the last entry of now, everything is committed when those units of
 * work have ended that have their lock now; and everything is a delivery when the
 * outbox has none of these entries left. A transaction of anybody else, however
 * long, holds nothing up.
 */

/** A place in the order of deliveries: that of the last one of an entry. */
export interface Mark {
  readonly position: string;
  readonly entry: string;
}

const NOTHING: Mark = { position: '0', entry: '0' };

const NOW = `
  select ${LAST_ISSUE_NUMBER} as position, ${lastOf('outbox_id_seq')} as entry`;

/*
 * What was drawn but not committed is not on the disk yet: a PostgreSQL that
 * crashed would give the same numbers again, below a mark that we remember. A
 * commit that has written something takes all that is before it to the disk, as
 * long as `synchronous_commit` is not off, and the least that one can write is
 * this message, which nobody reads. Any role may, on any `wal_level`.
 */
const MAKE_DURABLE = `select pg_logical_emit_message(true, 'issue-intake', '')`;

const AT_WORK = `
  select virtualtransaction as unit from pg_locks
   where locktype = 'advisory' and classid = ${LANES_CLASS} and granted
     and database = (select oid from pg_database where datname = current_database())`;

const IN_OUTBOX = 'select exists (select from outbox where id <= ?) as found';

export class Watermark {
  readonly #orm: MikroORM;
  #known = NOTHING;
  #next: { readonly mark: Mark; readonly before: ReadonlySet<string> } | undefined;

  constructor(orm: MikroORM) {
    this.#orm = orm;
  }

  /** Deliveries at or below it are all there, or were. */
  get mark(): Mark {
    return this.#known;
  }

  /** Notes how far it may rise. To be called before the outbox is emptied. @throws the database's error */
  async aim(): Promise<void> {
    if (this.#next !== undefined) return;
    // Two statements: a unit of work that ends between them is committed, and is
    // found in the outbox; the other way round it would be in neither.
    const [mark = NOTHING] = await this.#ask<Mark>(NOW);
    if (mark.position === this.#known.position && mark.entry === this.#known.entry) return;
    await this.#ask(MAKE_DURABLE);
    this.#next = { mark, before: await this.#atWork() };
  }

  /** Rises, if it may by now. To be called when the outbox has been emptied. @throws the database's error */
  async rise(): Promise<void> {
    if (this.#next === undefined) return;
    const { mark, before } = this.#next;
    // Two statements again: a lock that is gone says that its entry can be seen from now on.
    if (before.size > 0 && !(await this.#atWork()).isDisjointFrom(before)) return;
    const [row] = await this.#ask<{ found: boolean }>(IN_OUTBOX, [mark.entry]);
    if (row?.found !== false) return;
    this.#known = mark;
    this.#next = undefined;
  }

  async #atWork(): Promise<Set<string>> {
    const rows = await this.#ask<{ unit: string }>(AT_WORK);
    return new Set(rows.map(({ unit }) => unit));
  }

  #ask<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.#orm.em.getConnection().execute<Row[]>(sql, parameters);
  }
}
