import type { Rule } from './rule.ts';
import { TRAIL_RULES } from './trail-rules.ts';

/*
 * What must hold among the rows of the database, each rule as a statement that
 * selects the rows that break it: `user_id`, `id`, and in words `what` is wrong.
 * A rule that a constraint holds is checked as well: somebody may have dropped it.
 *
 * Each reads a table from end to end at most once for each time it names it; see
 * test/audit/plans.test.ts. None selects what people wrote.
 */

/** Milliseconds by which the clocks of API processes may differ; given as this setting of the transaction. */
export const SKEW_SETTING = 'issue_intake.clock_skew_ms';

const ISSUES_OF_USERS = 'issues i join customers c on c.id = i.customer_id';

export const DOMAIN_RULES: readonly Rule[] = [
  {
    name: 'one_profile',
    title: 'a user has one profile of a type',
    sql: `select user_id, min(id::text) as id, format('%s %s profiles', count(*), profile_type) as what
            from user_profiles group by user_id, profile_type having count(*) > 1`,
  },
  {
    name: 'one_customer',
    title: 'a user is once a customer of an organization',
    sql: `select user_id, min(id::text) as id, format('%s customers of %s', count(*), organization_id) as what
            from customers group by user_id, organization_id having count(*) > 1`,
  },
  {
    name: 'one_issue',
    title: 'a submission is one issue',
    sql: `select null as user_id, id::text, format('%s issues with this id', count(*)) as what
            from issues group by id having count(*) > 1`,
  },
  {
    name: 'customer_profile',
    title: 'a customer belongs to the customer profile of its user',
    sql: `select c.user_id, c.id::text,
                 coalesce(format('its profile is a %s profile of %s', p.profile_type, p.user_id),
                          'its profile is not there') as what
            from customers c left join user_profiles p on p.id = c.user_profile_id
           where p.id is null or p.user_id <> c.user_id or p.profile_type <> 'customer'`,
  },
  {
    name: 'issue_customer',
    title: 'an issue belongs to a customer of its organization',
    sql: `select c.user_id, i.id::text,
                 case when c.id is null then 'its customer is not there'
                      else format('it is for %s, its customer one of %s', i.organization_id, c.organization_id)
                 end as what
            from issues i left join customers c on c.id = i.customer_id
           where c.id is null or c.organization_id <> i.organization_id`,
  },
  {
    name: 'primary_organization',
    title: 'a profile has the organization of its user’s last issue',
    sql: `with last as (select c.user_id, max(i.number) as number from ${ISSUES_OF_USERS} group by c.user_id)
          select l.user_id, i.id::text,
                 case when p.id is null then 'the user has no customer profile'
                      else format('the last issue is for %s, the profile has %s', i.organization_id, p.organization_id)
                 end as what
            from last l
            join issues i on i.number = l.number
            left join user_profiles p on p.user_id = l.user_id and p.profile_type = 'customer'
           where p.organization_id is distinct from i.organization_id`,
  },
  {
    name: 'order',
    // One that was redriven takes its place at the end, however early it was accepted.
    title: 'a user’s issues are in the order of their acceptance',
    sql: `select user_id, id::text,
                 format('number %s was accepted at %s, one before it at %s', number, accepted_at, earlier) as what
            from (select c.user_id, i.id, i.number, i.accepted_at,
                         max(i.accepted_at) over (partition by c.user_id order by i.number
                                                  rows between unbounded preceding and 1 preceding) as earlier
                    from ${ISSUES_OF_USERS}
                   where not exists (select from refusals r where r.id = i.id and r.applied_at is not null)
                 ) numbered
           where accepted_at < earlier - current_setting('${SKEW_SETTING}')::float8 * interval '1 millisecond'`,
  },
  {
    name: 'one_end',
    title: 'a submission is an issue or a refusal in force, not both',
    sql: `select r.user_id, r.id::text, format('issue number %s, and refused with %s', i.number, r.code) as what
            from refusals r join issues i on i.id = r.id where r.applied_at is null`,
  },
  {
    name: 'redriven_issue',
    title: 'a refusal that is no longer in force has become an issue',
    sql: `select r.user_id, r.id::text, 'its refusal was lifted, and it is no issue' as what
            from refusals r left join issues i on i.id = r.id
           where r.applied_at is not null and i.id is null`,
  },
  ...TRAIL_RULES,
];
