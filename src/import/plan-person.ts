import type { OldTable } from '../import-arguments.ts';
import type { Finding, FindingKind } from './findings.ts';
import type { NewRows } from './new-rows.ts';
import type { OldCustomer, OldPerson } from './old-rows.ts';
import { standInFor } from './plan-organization.ts';
import { planProfiles } from './plan-profiles.ts';
import { customerIdOf, organizationIdOf } from './stable-id.ts';
import { isLongerThan, timeOf } from './values.ts';

/*
 * The rules of moving in, without a database: from all that the old CRM has of
 * one user to the rows to add, and what had to be repaired. Nothing is lost that
 * can be kept: what other rows refer to is made where it is missing.
 */

const MOST_ID_CHARACTERS = 128;
/** As with an access token's. */
const MOST_EMAIL_CHARACTERS = 320;

/** The plan for one user, as it comes to be. */
export class PersonPlan {
  readonly person: OldPerson;
  readonly rows: NewRows;
  readonly #known: ReadonlySet<string>;
  readonly #findings: Finding[];

  constructor(person: OldPerson, known: ReadonlySet<string>, rows: NewRows, findings: Finding[]) {
    this.person = person;
    this.rows = rows;
    this.#known = known;
    this.#findings = findings;
  }

  note(kind: FindingKind, table: OldTable, id: string, what: string): void {
    this.#findings.push({ kind, table, id, userId: this.person.id, what });
  }

  isThere(organization: string | null): organization is string {
    return organization !== null && this.#known.has(organization);
  }

  /** The new id of the organization that an old row names; one that is not there is made. */
  organizationOf(
    table: OldTable,
    row: { readonly id: string; readonly organization: string | null },
  ): string {
    const { id, organization } = row;
    if (this.isThere(organization)) return organizationIdOf(organization);
    const standIn = standInFor(organization);
    this.rows.organizations.push(standIn);
    const named =
      organization === null ? 'no organization' : `organization ${organization}, which is not there`;
    this.note('organization_missing', table, id, `it names ${named}; made as ${standIn.id}, inactive`);
    return standIn.id;
  }
}

/**
 * Adds to `rows` what one user comes in with, and to `findings` what was wrong.
 *
 * @param known the old ids of organizations that are there, among those that the user's rows name
 */
export function planPerson(
  person: OldPerson,
  known: ReadonlySet<string>,
  rows: NewRows,
  findings: Finding[],
): void {
  const plan = new PersonPlan(person, known, rows, findings);
  const { id } = person;
  if (id === '' || id.includes('\0') || isLongerThan(id, MOST_ID_CHARACTERS)) {
    const withRows = `${person.profiles.length} profiles and ${person.customers.length} customers`;
    plan.note(
      'user_id_unusable',
      'users',
      id,
      `the id has ${[...id].length} characters; left out with ${withRows}`,
    );
    return;
  }
  planUser(plan);
  const customers = person.customers.filter(customer => hasOrganization(plan, customer));
  planProfiles(plan, customers);
  planCustomers(plan, customers);
}

function planUser(plan: PersonPlan): void {
  const { id, user } = plan.person;
  if (user === undefined)
    plan.note('user_missing', 'users', id, 'other rows name this user; made, without an e-mail');
  plan.rows.users.push({ id, email: emailOf(plan), createdAt: timeOf(user?.created ?? null) });
}

function emailOf(plan: PersonPlan): string | null {
  const email = plan.person.user?.email?.trim() ?? '';
  if (email === '') return null;
  if (!email.includes('\0') && !isLongerThan(email, MOST_EMAIL_CHARACTERS)) return email;
  plan.note(
    'email_unusable',
    'users',
    plan.person.id,
    `the e-mail has ${email.length} characters; left empty`,
  );
  return null;
}

function hasOrganization(plan: PersonPlan, { id, organization }: OldCustomer): boolean {
  if (organization !== null) return true;
  plan.note('customer_without_organization', 'customers', id, 'it names no organization; left out');
  return false;
}

function planCustomers(plan: PersonPlan, customers: readonly OldCustomer[]): void {
  const { id: userId, profiles } = plan.person;
  const own = new Set(profiles.filter(({ type }) => isCustomerType(type)).map(({ id }) => id));
  const first = new Map<string | null, string>();
  for (const customer of customers) {
    const { id, organization, profile } = customer;
    const before = first.get(organization);
    if (before !== undefined) {
      plan.note(
        'customer_duplicate',
        'customers',
        id,
        `customer ${before} is of this user and organization, too`,
      );
      continue;
    }
    first.set(organization, id);
    if (own.size > 0 && profile !== undefined && !own.has(profile ?? '')) {
      plan.note(
        'customer_profile_wrong',
        'customers',
        id,
        `its profile is ${profile ?? 'not set'}; linked to its user’s`,
      );
    }
    const organizationId = plan.organizationOf('customers', customer);
    plan.rows.customers.push({ id: customerIdOf(userId, organizationId), userId, organizationId });
  }
}

function isCustomerType(type: string | null): boolean {
  return type?.trim().toLowerCase() === 'customer';
}
