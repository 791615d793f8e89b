import type { EntityManager } from '@mikro-orm/postgresql';
import { Customer, Issue, Organization, User, UserProfile } from '../entities/index.ts';
import type { Submission } from '../submission.ts';

type NumberedIssue = Pick<Issue, 'id' | 'number'>;

/**
 * The rows that a batch is about: those in the database when it began, and those
 * it has added since. Five set-based reads, then every question is answered from
 * memory, so that a later submission of the batch sees what an earlier one did.
 */
export class KnownRows {
  readonly #em: EntityManager;
  readonly #users = new Set<string>();
  readonly #organizations = new Map<string, Organization>();
  readonly #profiles = new Map<string, UserProfile>();
  readonly #customers = new Map<string, Customer>();
  readonly #issues = new Map<string, NumberedIssue>();

  private constructor(em: EntityManager) {
    this.#em = em;
  }

  static async load(em: EntityManager, submissions: readonly Submission[]): Promise<KnownRows> {
    const known = new KnownRows(em);
    const id = { $in: submissions.map(submission => submission.id) };
    const userId = { $in: distinct(submissions.map(submission => submission.userId)) };
    const organizationId = { $in: distinct(submissions.map(submission => submission.organizationId)) };

    const issues = await em.find(Issue, { id }, { fields: ['id', 'number'] });
    for (const issue of issues) known.#issues.set(issue.id, issue);
    const organizations = await em.find(Organization, { id: organizationId });
    for (const organization of organizations) known.#organizations.set(organization.id, organization);
    const users = await em.find(User, { id: userId }, { fields: ['id'] });
    for (const user of users) known.#users.add(user.id);
    // By user and type alone, whatever the organization: the table allows one.
    const profiles = await em.find(UserProfile, { userId, profileType: 'customer' });
    for (const profile of profiles) known.#profiles.set(profile.userId, profile);
    const customers = await em.find(Customer, { userId, organizationId });
    for (const customer of customers) known.#customers.set(customerKey(customer), customer);
    return known;
  }

  issue(id: string): NumberedIssue | undefined {
    return this.#issues.get(id);
  }

  organization(id: string): Organization | undefined {
    return this.#organizations.get(id);
  }

  profile(userId: string): UserProfile | undefined {
    return this.#profiles.get(userId);
  }

  customer(submission: Submission): Customer | undefined {
    return this.#customers.get(customerKey(submission));
  }

  addProfile({ userId, email, organizationId }: Submission): UserProfile {
    if (!this.#users.has(userId)) {
      this.#em.create(User, { id: userId, email: email ?? null });
      this.#users.add(userId);
    }
    const profile = this.#em.create(UserProfile, { userId, profileType: 'customer', organizationId });
    this.#profiles.set(userId, profile);
    return profile;
  }

  addCustomer(submission: Submission, profile: UserProfile): Customer {
    const { userId, organizationId } = submission;
    const customer = this.#em.create(Customer, { userId, organizationId, userProfileId: profile.id });
    this.#customers.set(customerKey(submission), customer);
    return customer;
  }

  addIssue(submission: Submission, customer: Customer): NumberedIssue {
    const {
      id,
      organizationId,
      title,
      description = '',
      priority = 'normal',
      category,
      acceptedAt,
    } = submission;
    const issue = this.#em.create(Issue, {
      id,
      customerId: customer.id,
      organizationId,
      title,
      description,
      priority,
      category: category ?? null,
      acceptedAt,
    });
    this.#issues.set(id, issue);
    return issue;
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function customerKey({ userId, organizationId }: { userId: string; organizationId: string }): string {
  return `${organizationId}/${userId}`;
}
