import type { Rule } from './rule.ts';

/*
 * What must hold of the changes of primary organizations. Whoever moves a profile
 * leaves a row, an administrator and a worker of an older version by a trigger.
 * So a gap is a row that is lost, whoever writes. The oldest rows may be removed.
 */

export const TRAIL_RULES: readonly Rule[] = [
  {
    name: 'trail_chain',
    title:
      'a change of a primary organization leads to where the next begins, the last to where the profile is',
    sql: `select c.user_id, c.id::text,
                 case when next is not null then format('it leads to %s, the next begins at %s', c.to_organization_id, next)
                      when p.id is null then 'its profile is not there'
                      when p.user_id <> c.user_id then format('its profile is that of %s', p.user_id)
                      else format('it leads to %s, the profile has %s', c.to_organization_id, p.organization_id)
                 end as what
            from (select *, lead(from_organization_id) over (partition by user_profile_id order by id) as next
                    from primary_organization_changes) c
            left join user_profiles p on p.id = c.user_profile_id
           where c.to_organization_id is distinct from coalesce(next, p.organization_id)
              or p.user_id is distinct from c.user_id`,
  },
  {
    name: 'trail_issue',
    title: 'a change of a primary organization is one to that of its issue',
    sql: `select c.user_id, c.id::text,
                 case when i.id is null then 'its issue is not there'
                      when i.organization_id <> c.to_organization_id
                      then format('it leads to %s, its issue is for %s', c.to_organization_id, i.organization_id)
                      else format('its issue is that of %s', k.user_id)
                 end as what
            from primary_organization_changes c
            left join issues i on i.id = c.issue_id
            left join customers k on k.id = i.customer_id
           where c.issue_id is not null
             and (i.id is null or i.organization_id <> c.to_organization_id or k.user_id <> c.user_id)`,
  },
];
