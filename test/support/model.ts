import type { Submission } from '../../src/submission.ts';

/** What an administrator or an import has put there before. */
export interface World {
  readonly users: readonly { id: string; email: string | null }[];
  readonly organizations: readonly { id: string; active: boolean }[];
  readonly profiles: readonly Profile[];
  readonly customers: readonly CustomerKey[];
}

export interface CustomerKey {
  readonly userId: string;
  readonly organizationId: string;
}

export interface Profile {
  readonly userId: string;
  readonly profileType: 'vendor' | 'employee' | 'customer';
  readonly organizationId: string;
  readonly status: 'active' | 'suspended';
}

/** What an administrator does between batches; `redrive` holds a submission's id. */
export type Change =
  | { readonly redrive: string }
  | { readonly organizationId: string; readonly active: boolean }
  | { readonly userId: string; readonly status: 'active' | 'suspended' }
  | { readonly userId: string; readonly movesTo: string };

/** An outcome as the model knows it: `place` counts issues in the order in which they were applied. */
export type ModelOutcome =
  | { readonly status: 'applied'; readonly issueId: string; readonly place: number; readonly again: boolean }
  | { readonly status: 'rejected'; readonly code: string };

/** A submission that ended without an issue. */
export interface Refusal {
  readonly submission: Submission;
  readonly code: string;
  readonly attempt: number;
  readonly inForce: boolean;
}

/** A customer profile's step from one primary organization to another; without an issue if an administrator made it. */
export interface Move {
  readonly userId: string;
  readonly from: string;
  readonly to: string;
  readonly issueId: string | null;
}

/** The design's five rules on plain objects, one submission at a time. */
export class Model {
  readonly users: Map<string, string | null>;
  readonly organizations: Map<string, boolean>;
  readonly customers: CustomerKey[];
  readonly issues: Submission[] = [];
  readonly refusals = new Map<string, Refusal>();
  readonly moves: Move[] = [];
  profiles: Profile[];

  constructor(world: World) {
    this.users = new Map(world.users.map(({ id, email }) => [id, email]));
    this.organizations = new Map(world.organizations.map(({ id, active }) => [id, active]));
    this.profiles = [...world.profiles];
    this.customers = [...world.customers];
  }

  apply(submission: Submission): ModelOutcome {
    const { id, userId, email, organizationId, attempt } = submission;
    const place = this.issues.findIndex(issue => issue.id === id);
    if (place >= 0) return { status: 'applied', issueId: id, place, again: true };

    const refusal = this.refusals.get(id);
    if (refusal?.inForce && refusal.attempt >= attempt) return { status: 'rejected', code: refusal.code };

    const code = this.#reasonAgainst(submission);
    if (code !== undefined) {
      this.refusals.set(id, { submission, code, attempt, inForce: true });
      return { status: 'rejected', code };
    }
    if (refusal !== undefined) this.refusals.set(id, { ...refusal, inForce: false });

    const before = this.#customerProfile(userId);
    const status = before?.status ?? 'active';
    if (!this.users.has(userId)) this.users.set(userId, email ?? null);
    if (before !== undefined) this.#noteMove(before, organizationId, id);
    this.#setCustomerProfile({ userId, profileType: 'customer', organizationId, status });
    this.#findOrMakeCustomer({ userId, organizationId });
    this.issues.push(submission);
    return { status: 'applied', issueId: id, place: this.issues.length - 1, again: false };
  }

  change(change: Change): void {
    if ('redrive' in change) {
      const refusal = this.refusals.get(change.redrive);
      if (refusal?.inForce) this.refusals.set(change.redrive, { ...refusal, attempt: -1 });
      return;
    }
    if ('active' in change) {
      this.organizations.set(change.organizationId, change.active);
      return;
    }
    const profile = this.#customerProfile(change.userId);
    if (profile === undefined) return;
    if ('movesTo' in change) {
      this.#noteMove(profile, change.movesTo, null);
      this.#setCustomerProfile({ ...profile, organizationId: change.movesTo });
    } else {
      this.#setCustomerProfile({ ...profile, status: change.status });
    }
  }

  #noteMove({ userId, organizationId: from }: Profile, to: string, issueId: string | null): void {
    if (from !== to) this.moves.push({ userId, from, to, issueId });
  }

  #reasonAgainst({ userId, organizationId }: Submission): string | undefined {
    const active = this.organizations.get(organizationId);
    if (active === undefined) return 'organization_not_found';
    if (!active) return 'organization_inactive';
    return this.#customerProfile(userId)?.status === 'suspended' ? 'profile_suspended' : undefined;
  }

  #customerProfile(userId: string): Profile | undefined {
    return this.profiles.find(each => each.userId === userId && each.profileType === 'customer');
  }

  #setCustomerProfile(profile: Profile): void {
    const before = this.#customerProfile(profile.userId);
    this.profiles = [...this.profiles.filter(each => each !== before), profile];
  }

  #findOrMakeCustomer(key: CustomerKey): void {
    const same = (each: CustomerKey) =>
      each.userId === key.userId && each.organizationId === key.organizationId;
    if (!this.customers.some(same)) this.customers.push(key);
  }
}
