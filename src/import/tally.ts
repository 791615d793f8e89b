import type { NewRows } from './new-rows.ts';

/** How many rows of each kind. */
export type Counts = Record<keyof NewRows, number>;

const TABLES = ['organizations', 'users', 'profiles', 'customers'] as const;

/** Counts what comes in, and what was there. */
export class Tally {
  readonly #planned = noCounts();
  readonly #added = noCounts();

  /** @param added those that were not there yet */
  add(planned: NewRows, added: Counts): void {
    for (const table of TABLES) {
      this.#planned[table] += planned[table].length;
      this.#added[table] += added[table];
    }
  }

  get rows(): Record<keyof NewRows, { added: number; there: number }> {
    const of = (table: keyof NewRows) => ({
      added: this.#added[table],
      there: this.#planned[table] - this.#added[table],
    });
    const [organizations, users, profiles, customers] = [
      of('organizations'),
      of('users'),
      of('profiles'),
      of('customers'),
    ];
    return { organizations, users, profiles, customers };
  }
}

export function countsOf(rows: NewRows): Counts {
  const counts = noCounts();
  for (const table of TABLES) counts[table] = rows[table].length;
  return counts;
}

export function noCounts(): Counts {
  return { organizations: 0, users: 0, profiles: 0, customers: 0 };
}
