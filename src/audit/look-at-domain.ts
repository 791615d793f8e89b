import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { DOMAIN_RULES, SKEW_SETTING } from './domain-rules.ts';
import { type Look, type LookAt, MOST_SUSPECTS } from './looks.ts';
import type { Rule } from './rule.ts';

export interface DomainOptions {
  readonly orm: MikroORM;
  readonly clockSkewMs: number;
}

/**
 * Checks the rows of the database against each other, in one snapshot, which no
 * unit of work is ever half in. Takes no lock that a writer would wait for, and
 * one processor of the server at most.
 */
export function lookAtDomain({ orm, clockSkewMs }: DomainOptions): LookAt {
  return only =>
    inSnapshot(orm, async em => {
      await em.execute(`select set_config('${SKEW_SETTING}', ?, true)`, [String(clockSkewMs)]);
      const looks: Look[] = [];
      for (const rule of DOMAIN_RULES)
        if (only?.has(rule.name) ?? true) looks.push(await lookAtOne(em, rule));
      return looks;
    });
}

/** How many rows there were to look at. */
export async function countRows(orm: MikroORM): Promise<{ issues: number; refusals: number }> {
  return inSnapshot(orm, async em => ({
    issues: await count(em, 'issues'),
    refusals: await count(em, 'refusals'),
  }));
}

async function inSnapshot<T>(orm: MikroORM, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return orm.em.fork().transactional(
    async em => {
      await em.execute('set local max_parallel_workers_per_gather = 0');
      return work(em);
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

interface WrongRow {
  readonly user_id: string | null;
  readonly id: string;
  readonly what: string;
  /** Of all that are wrong. */
  readonly count: number;
}

async function lookAtOne(em: EntityManager, { name, title, sql }: Rule): Promise<Look> {
  const rows = await em.execute<WrongRow[]>(
    `with wrong as (${sql})
     select *, (count(*) over ())::int as count from wrong order by user_id, id limit ${MOST_SUSPECTS}`,
  );
  return {
    name,
    title,
    count: rows[0]?.count ?? 0,
    suspects: rows.map(({ user_id: userId, id, what }) => ({
      ...(userId === null ? {} : { userId }),
      id,
      what,
    })),
  };
}

async function count(em: EntityManager, table: string): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(`select count(*)::int as count from ${table}`);
  return row?.count ?? 0;
}
