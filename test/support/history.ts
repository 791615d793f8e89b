import fc from 'fast-check';
import type { Submission } from '../../src/submission.ts';
import type { Change, World } from './model.ts';

/** A story for the unit of work and the model to live through: batches, and what happens between them. */
export interface History {
  readonly world: World;
  readonly steps: readonly (readonly Submission[] | Change)[];
}

/** Ids that would meet if a key were glued together carelessly, or a quote not escaped. */
const USERS = ['u1', 'u1/customer', "o'neil", 'ünï😀', '00000000-0000-4000-8000-000000000001'];
const ORGANIZATIONS = [1, 2, 3].map(n => `00000000-0000-4000-8000-00000000000${n}`);
const UNKNOWN = '00000000-0000-4000-8000-00000000000f';

const user = fc.constantFrom(...USERS);
const organization = fc.constantFrom(...ORGANIZATIONS);
const status = fc.constantFrom('active', 'active', 'suspended');
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });

const world: fc.Arbitrary<World> = fc
  .record({
    users: fc.uniqueArray(fc.record({ id: user, email: fc.option(text) }), { selector: each => each.id }),
    active: fc.tuple(fc.boolean(), fc.constant(true), fc.boolean()),
    profiles: fc.uniqueArray(
      fc.record({
        userId: user,
        profileType: fc.constantFrom('vendor', 'employee', 'customer', 'customer'),
        organizationId: organization,
        status,
      }),
      { selector: ({ userId, profileType }) => `${profileType} ${userId}`, maxLength: 8 },
    ),
    customers: fc.uniqueArray(fc.record({ userId: user, organizationId: organization }), {
      selector: ({ userId, organizationId }) => `${organizationId} ${userId}`,
      maxLength: 5,
    }),
  })
  .map(({ users, active, profiles, customers }) => {
    const known = new Set(users.map(({ id }) => id));
    const kept = profiles.filter(({ userId }) => known.has(userId));
    const withProfile = new Set(kept.flatMap(p => (p.profileType === 'customer' ? [p.userId] : [])));
    return {
      users,
      organizations: ORGANIZATIONS.map((id, index) => ({ id, active: active[index] ?? true })),
      profiles: kept,
      customers: customers.filter(({ userId }) => withProfile.has(userId)),
    };
  });

const body = fc.record(
  {
    userId: user,
    organizationId: fc.constantFrom(...ORGANIZATIONS, ...ORGANIZATIONS, UNKNOWN),
    title: text,
    email: text,
    description: text,
    priority: fc.constantFrom('low', 'normal', 'high', 'urgent'),
    category: text,
  },
  { requiredKeys: ['userId', 'organizationId', 'title'] },
);

/** What users sent. A repeated submission is the same one again, as its id is made from its content. */
const sent: fc.Arbitrary<Submission[]> = fc
  .array(fc.record({ body, id: fc.uuid(), acceptedAt: fc.date({ min: new Date(0), noInvalidDate: true }) }), {
    minLength: 1,
    maxLength: 15,
    size: 'max',
  })
  .map(all =>
    all.map(({ body: rest, id, acceptedAt }) => ({
      ...rest,
      id,
      acceptedAt: storable(acceptedAt),
      attempt: 0,
    })),
  );

/** Mostly the first, as after a crash; sometimes a later one, as when somebody retries it. */
const attempt = fc.constantFrom(0, 0, 0, 1, 2);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ organizationId: organization, active: fc.boolean() }),
  fc.record({ userId: user, status }),
);

/** Nothing happens to a user without a profile. */
const moveByHand: fc.Arbitrary<Change> = fc.record({ userId: user, movesTo: organization });

export const history: fc.Arbitrary<History> = fc
  .record({
    world,
    sent,
    steps: fc.array(
      fc.oneof(
        {
          weight: 2,
          arbitrary: fc.array(fc.tuple(fc.nat(14), attempt), { minLength: 1, maxLength: 10, size: 'max' }),
        },
        { weight: 1, arbitrary: change },
        { weight: 1, arbitrary: moveByHand },
        { weight: 1, arbitrary: fc.record({ redriven: fc.nat(14) }) },
      ),
      { minLength: 1, maxLength: 10, size: 'max' },
    ),
  })
  .map(({ world: start, sent: all, steps }) => ({
    world: start,
    steps: steps.flatMap(step => stepsOf(all, step)),
  }));

type Pick = readonly [submission: number, attempt: number];

function stepsOf(
  all: readonly Submission[],
  step: readonly Pick[] | Change | { redriven: number },
): (readonly Submission[] | Change)[] {
  if ('length' in step) return [step.map(([pick, attempt]) => ({ ...at(all, pick), attempt }))];
  return 'redriven' in step ? redriving(at(all, step.redriven)) : [step];
}

/** Mostly a rejection whose reason goes away: redelivered it stays one, redriven it is decided anew. */
function redriving(submission: Submission): (readonly Submission[] | Change)[] {
  const { id, userId, organizationId } = submission;
  const becomes = (active: boolean) =>
    ORGANIZATIONS.includes(organizationId) ? [{ organizationId, active }] : [];
  return [
    ...becomes(false),
    [submission],
    ...becomes(true),
    { userId, status: 'active' as const },
    [submission],
    { redrive: id },
    [submission],
  ];
}

function at(all: readonly Submission[], pick: number): Submission {
  const found = all[pick % all.length];
  if (found === undefined) throw new RangeError('nobody has sent anything');
  return found;
}

/** Within the years that the column can hold. */
function storable(date: Date): Date {
  return new Date(date.getTime() % Date.UTC(9999, 0));
}
