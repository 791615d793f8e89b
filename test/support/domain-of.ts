import type { System } from './system.ts';

/** The organizations of a user's profiles, customers (sorted) and issues (in order of their numbers). */
export async function domainOf({ orm }: System, userId: string) {
  const list = async (sql: string) =>
    (await orm.em.execute<{ organization_id: string }[]>(sql, [userId])).map(row => row.organization_id);
  return {
    profiles: await list('select organization_id from user_profiles where user_id = ?'),
    customers: await list(
      'select organization_id from customers where user_id = ? order by organization_id::text',
    ),
    issues: await list(
      `select i.organization_id from issues i join customers c on c.id = i.customer_id
        where c.user_id = ? order by i.number`,
    ),
  };
}
