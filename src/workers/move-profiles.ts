import type { EntityManager } from '@mikro-orm/postgresql';
import type { Move, Profile } from './batch-rows.ts';

/*
 * One statement moves the profiles and notes each of their moves, also one
 * that a later submission of the batch takes back.
 *
 * Where a profile that was there came from is read with its row locked: another
 * writer may have moved it since the batch was read, and the trail would have a
 * gap. The setting keeps the trigger still, which notes what others move.
 */
const MOVE = `
  with mark as materialized (select set_config('issue_intake.moved_by', 'issue', true) as mover),
       before as materialized (
         select p.id, p.organization_id, m.organization_id as goes_to
           from jsonb_to_recordset(?::jsonb) as m (id uuid, organization_id uuid)
           join user_profiles p on p.id = m.id
            for no key update of p
       ),
       moved as (
         update user_profiles p set organization_id = b.goes_to
           from before b, mark
          where p.id = b.id and mark.mover = 'issue'
       )
  insert into primary_organization_changes
    (user_id, user_profile_id, from_organization_id, to_organization_id, issue_id)
  select s.user_id, s.profile, coalesce(s.comes_from, b.organization_id), s.goes_to, s.issue
    from jsonb_to_recordset(?::jsonb)
      as s (place int, user_id text, profile uuid, comes_from uuid, goes_to uuid, issue uuid)
    left join before b on b.id = s.profile
   where coalesce(s.comes_from, b.organization_id) <> s.goes_to
   order by s.place`;

/**
 * Moves profiles that were there, and writes the trail, inside the caller's transaction.
 *
 * @param moved profiles that were there, with the organization that they end at
 * @param moves of these and of new profiles, in their order
 */
export async function moveProfiles(
  em: EntityManager,
  moved: ReadonlySet<Profile>,
  moves: readonly Move[],
): Promise<void> {
  const ends = [...moved].map(({ id, organizationId }) => ({ id, organization_id: organizationId }));
  const steps = moves.map(({ profile, from, to, issueId }, place) => ({
    place,
    user_id: profile.userId,
    profile: profile.id,
    comes_from: from,
    goes_to: to,
    issue: issueId,
  }));
  await em.execute(MOVE, [JSON.stringify(ends), JSON.stringify(steps)]);
}
