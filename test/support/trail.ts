import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { rows } from './rows.ts';

/** A submission that the trail and the issues tell differently of. */
const Differing = Type.Object({
  user_id: Type.String(),
  issue_id: Type.Union([Type.String(), Type.Null()]),
  issues: Type.String(),
  trail: Type.String(),
});
export type Differing = Static<typeof Differing>;

/**
 * The trail has to be the organizations of the user's issues, in their order, with
 * repeats removed. Before the first issue the profile may have had any other. Only
 * for systems in which nobody moves a profile by hand.
 */
const DIFFERING = `
  with steps as (
    select c.user_id, i.id, i.organization_id as goes_to,
           lag(i.organization_id) over (partition by c.user_id order by i.number) as comes_from,
           row_number() over (order by i.number) as place
      from issues i join customers c on c.id = i.customer_id
  ), matched as (
    select s.user_id as of_issue, t.user_id as of_row, coalesce(t.issue_id, s.id) as issue_id,
           s.comes_from, s.goes_to, t.from_organization_id, t.to_organization_id,
           lag(t.id) over (partition by t.user_id order by s.place) > t.id as is_late
      from steps s full join primary_organization_changes t on t.issue_id = s.id
  )
  select coalesce(of_issue, of_row) as user_id, issue_id,
         format('%s to %s', comes_from, goes_to) as issues,
         format('%s to %s of %s%s', from_organization_id, to_organization_id, of_row,
                case when is_late then ', late' end) as trail
    from matched
   where coalesce(is_late, false)
      or case when of_issue is null then true
              when of_row is null then comes_from <> goes_to
              else of_row <> of_issue or to_organization_id <> goes_to
                or from_organization_id <> coalesce(comes_from, from_organization_id)
                or from_organization_id = to_organization_id
         end
   order by 1, 2`;

export async function differingTrail(url: string): Promise<Differing[]> {
  return (await rows(url, DIFFERING)).map(row => Value.Parse(Differing, row));
}
