import type { Finding } from './findings.ts';
import type { NewOrganization } from './new-rows.ts';
import type { OldOrganization } from './old-rows.ts';
import { organizationIdOf } from './stable-id.ts';
import { isTrue, storable } from './values.ts';

/** As long as an issue's title may be: no page of ours has room for more. */
export const MOST_NAME_CHARACTERS = 200;

/** What becomes of an organization, and what is wrong with the old row. */
export function planOrganization(old: OldOrganization, findings: Finding[]): NewOrganization {
  const note = (kind: Finding['kind'], what: string) =>
    findings.push({ kind, table: 'organizations', id: old.id, userId: null, what });
  const active = isTrue(old.active);
  if (!active) note('organization_inactive', 'it is not active; nobody can raise issues with it');
  return { id: organizationIdOf(old.id), name: nameOf(old, note), active };
}

/** Takes the place of one that old rows name and that is not there. Inactive: nobody knows who it is. */
export function standInFor(oldId: string | null): NewOrganization {
  const name = oldId === null ? 'Unknown organization' : `Organization ${oldId} (missing)`;
  return { id: organizationIdOf(oldId), name: cut(storable(name)), active: false };
}

function nameOf(old: OldOrganization, note: (kind: Finding['kind'], what: string) => void): string {
  const name = storable(old.name ?? '').trim();
  if (name === '') {
    note('organization_name_missing', 'it has no name; named after its id');
    return cut(storable(`Organization ${old.id}`));
  }
  const shortened = cut(name);
  if (shortened !== name) {
    note(
      'organization_name_cut',
      `its name has ${[...name].length} characters; cut to ${MOST_NAME_CHARACTERS}`,
    );
  }
  return shortened;
}

/** Counted as PostgreSQL does: by code points. */
function cut(name: string): string {
  return name.length <= MOST_NAME_CHARACTERS
    ? name
    : [...name].slice(0, MOST_NAME_CHARACTERS).join('').trim();
}
