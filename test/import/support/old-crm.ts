import { organizationIdOf } from '../../../src/import/stable-id.ts';
import { DAMAGES, type Damage } from './damages.ts';
import { Random } from './random.ts';

/*
 * A made database of the old CRM: healthy rows, and among them one damage or
 * none for each user. For every damage it is written down what an import should
 * report, and for every user what should come of them.
 */

type Id = number | string;

export interface OldUserRow {
  id: Id;
  email: string;
  date_joined: string;
}

export interface OldOrganizationRow {
  id: number;
  name: string;
  is_active: boolean;
}

export interface OldProfileRow {
  id: number;
  user_id: Id | null;
  organization_id: number | null;
  profile_type: string;
  status: string;
}

export interface OldCustomerRow {
  id: number;
  user_id: Id | null;
  organization_id: number | null;
  user_profile_id: number | null;
}

/** What should be in the new database, a line for each row. */
export interface Truth {
  readonly organizations: Set<string>;
  readonly users: string[];
  readonly profiles: string[];
  readonly customers: string[];
}

export interface OldCrm {
  readonly users: OldUserRow[];
  readonly organizations: OldOrganizationRow[];
  readonly profiles: OldProfileRow[];
  readonly customers: OldCustomerRow[];
  readonly truth: Truth;
  /** What the report should say: `kind table id`. */
  readonly planted: string[];
}

/** One user, while being made: rows to add, and what should come of them. */
export interface Draft {
  readonly user: OldUserRow;
  /** Customers by age; the last one is of the primary organization. */
  customers: OldCustomerRow[];
  profiles: OldProfileRow[];
  /** The customer profile, if the user has customers. */
  profile: OldProfileRow | undefined;
  /** What should come of the user; damages change it. */
  expected: {
    email: string | null;
    /** By type: old organization id and status. */
    profiles: Map<string, { organization: number; status: string }>;
    organizations: Set<number>;
  };
  isMissing: boolean;
  isLeftOut: boolean;
}

const ORGANIZATIONS_PER_USER = 1 / 100;
/** Ids from here on are nobody's. */
export const NOWHERE = 9_000_000;

export class OldCrmMaker {
  readonly random: Random;
  readonly crm: OldCrm = {
    users: [],
    organizations: [],
    profiles: [],
    customers: [],
    truth: { organizations: new Set(), users: [], profiles: [], customers: [] },
    planted: [],
  };
  #profileId = 0;
  #customerId = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  plant(kind: string, table: string, id: Id): void {
    this.crm.planted.push(`${kind} ${table} ${id}`);
  }

  addOrganizations(count: number): void {
    for (let id = 1; id <= count; id++) {
      const organization = { id, name: `Organization of ${id} – “${id % 7}”`, is_active: true };
      let name = organization.name;
      if (id % 20 === 3) {
        organization.is_active = false;
        this.plant('organization_inactive', 'organizations', id);
      } else if (id % 20 === 5) {
        organization.name = '💧'.repeat(200) + id;
        name = '💧'.repeat(200);
        this.plant('organization_name_cut', 'organizations', id);
      } else if (id % 20 === 7) {
        organization.name = '  ';
        name = `Organization ${id}`;
        this.plant('organization_name_missing', 'organizations', id);
      }
      this.crm.organizations.push(organization);
      this.crm.truth.organizations.add(`${organizationIdOf(String(id))} ${name} ${organization.is_active}`);
    }
  }

  /** An organization that is there, and none of those. */
  organization(except: ReadonlySet<number> = new Set()): number {
    for (;;) {
      const id = 1 + this.random.below(this.crm.organizations.length);
      if (!except.has(id)) return id;
    }
  }

  profileRow(user: Id | null, type: string, organization: number | null, status = 'active'): OldProfileRow {
    return {
      id: ++this.#profileId,
      user_id: user,
      profile_type: type,
      organization_id: organization,
      status,
    };
  }

  customerRow(user: Id | null, organization: number | null, profile: number | null): OldCustomerRow {
    return { id: ++this.#customerId, user_id: user, organization_id: organization, user_profile_id: profile };
  }

  addUser(id: Id, damage: Damage | undefined): void {
    const draft = this.#draft(id, damage?.needs ?? {});
    damage?.inflict(draft, this);
    this.#keep(draft);
  }

  #draft(id: Id, needs: Damage['needs']): Draft {
    const { random } = this;
    const joined = new Date(Date.UTC(2015, 0, 1) + random.below(3e8) * 1000 + random.below(1000));
    const user = { id, email: `user.${id}@example.com`, date_joined: joined.toISOString() };
    const organizations = new Set<number>();
    const most = needs.customers ?? random.below(4);
    while (organizations.size < most) organizations.add(this.organization(organizations));
    const list = [...organizations];
    const last = list.at(-1);
    const status = random.below(30) === 0 ? 'suspended' : 'active';
    const profile = last === undefined ? undefined : this.profileRow(id, 'customer', last, status);
    const draft: Draft = {
      user,
      customers: list.map(organization => this.customerRow(id, organization, profile?.id ?? null)),
      profiles: profile === undefined ? [] : [profile],
      profile,
      expected: { email: user.email, profiles: new Map(), organizations },
      isMissing: false,
      isLeftOut: false,
    };
    if (last !== undefined) draft.expected.profiles.set('customer', { organization: last, status });
    if (random.below(20) === 0) {
      const type = random.below(2) === 0 ? 'vendor' : 'EMPLOYEE';
      const organization = this.organization();
      draft.profiles.push(this.profileRow(id, type, organization));
      draft.expected.profiles.set(type.toLowerCase(), { organization, status: 'active' });
    }
    return draft;
  }

  #keep({ user, customers, profiles, expected, isMissing, isLeftOut }: Draft): void {
    const { crm } = this;
    if (!isMissing) crm.users.push(user);
    crm.profiles.push(...profiles);
    crm.customers.push(...customers);
    if (isLeftOut) return;
    const { truth } = crm;
    truth.users.push(`${user.id} ${expected.email} ${isMissing ? '' : user.date_joined}`);
    for (const [type, { organization, status }] of expected.profiles) {
      truth.profiles.push(`${user.id} ${type} ${this.#placed(organization)} ${status}`);
    }
    for (const organization of expected.organizations) {
      truth.customers.push(`${user.id} ${this.#placed(organization)}`);
    }
  }

  #placed(organization: number): string {
    const id = organizationIdOf(String(organization));
    if (organization >= NOWHERE) {
      this.crm.truth.organizations.add(`${id} Organization ${organization} (missing) false`);
    }
    return id;
  }
}

export interface MakeOptions {
  readonly users: number;
  readonly seed: number;
  /** Whether an id may be any text, as in SQLite it may. */
  readonly anyIds: boolean;
}

/** About one user in five is damaged; each kind at least once. */
export function makeOldCrm({ users, seed, anyIds }: MakeOptions): OldCrm {
  const maker = new OldCrmMaker(seed);
  maker.addOrganizations(Math.max(40, Math.floor(users * ORGANIZATIONS_PER_USER)));
  const damages = DAMAGES.filter(({ needs }) => anyIds || !needs.anyIds);
  for (let n = 1; n <= users; n++) {
    // Ids with gaps, as rows are deleted over the years.
    const id = n * 3 - maker.random.below(3);
    const sure = n % 50 === 0 ? damages[(n / 50) % damages.length] : undefined;
    const chance = maker.random.below(5) === 0 ? damages[maker.random.below(damages.length)] : undefined;
    maker.addUser(id, sure ?? chance);
  }
  return maker.crm;
}
