import { ORGANIZATIONS } from '../workload.ts';

/** As `organizationId` of the workload spells it. */
const organization = (index: string) =>
  `('0199b000-0000-7000-8000-' || lpad(to_hex((${index}) % ${ORGANIZATIONS}), 12, '0'))::uuid`;

export const ORGANIZATIONS_SQL = `
  insert into organizations (id, name)
  select ${organization('n')}, 'Organization ' || n from generate_series(0, ${ORGANIZATIONS - 1}) n`;

/** Users who have raised issues before, with both of their organizations. $1 is how many. */
export const KNOWN_USERS_SQL = [
  `insert into users (id) select 'bench-user-' || n from generate_series(0, $1::int - 1) n`,
  `insert into user_profiles (user_id, profile_type, organization_id)
   select 'bench-user-' || n, 'customer', ${organization('n')} from generate_series(0, $1::int - 1) n`,
  `insert into customers (user_id, organization_id, user_profile_id)
   select p.user_id, ${organization('substr(p.user_id, 12)::int + other')}, p.id
     from user_profiles p cross join generate_series(0, 1) other
    where $1::int > 0`,
];
