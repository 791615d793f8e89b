import { Type } from 'typebox';

/** The name is absent when there is none of this id any more. */
const Named = Type.Object({ id: Type.String(), name: Type.Optional(Type.String()) });

const Time = Type.String({ format: 'date-time' });

/** A submission's whole life, as far as it is known. */
export const LifeView = Type.Object({
  submissionId: Type.String({ format: 'uuid' }),
  userId: Type.String(),
  organization: Type.Object({
    id: Type.String(),
    /** Absent when there is none of this id, or the database is away. */
    name: Type.Optional(Type.String()),
    active: Type.Optional(Type.Boolean()),
  }),
  lane: Type.String(),
  status: Type.Enum(['queued', 'processing', 'applied', 'rejected', 'failed']),
  /** Whether it came with an Idempotency-Key. */
  keyed: Type.Boolean(),
  /** Of the HTTP request that brought it, for the logs. */
  requestId: Type.Optional(Type.String()),
  acceptedAt: Time,
  /** While it waits: how many are before it and itself; absent when it is too far from the lane's end to be counted. */
  place: Type.Optional(Type.Integer()),
  /** While it waits: submissions that wait on its lane. */
  waiting: Type.Optional(Type.Integer()),
  /** When a worker took it up last. */
  takenAt: Type.Optional(Time),
  /** What a worker waits for, with this submission in its hands. */
  waitingFor: Type.Optional(Type.String()),
  /** How often it has been decided. */
  attempts: Type.Integer(),
  refusal: Type.Optional(
    Type.Object({
      status: Type.Enum(['rejected', 'failed']),
      code: Type.String(),
      detail: Type.String(),
      refusedAt: Type.Optional(Time),
      inForce: Type.Boolean(),
      /** Given up: whoever meets the submission next decides anew. */
      released: Type.Boolean(),
    }),
  ),
  issue: Type.Optional(
    Type.Object({
      number: Type.Integer(),
      appliedAt: Time,
      acceptToCommitMs: Type.Number(),
      batch: Type.Object({ size: Type.Integer(), first: Type.Integer(), last: Type.Integer() }),
      /** What it made of the user's primary organization; absent when that stayed, or was the user's first. */
      moved: Type.Optional(Type.Object({ from: Named, to: Named })),
    }),
  ),
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  /** Its job on Bull Board, while the lane has it. */
  jobUrl: Type.Optional(Type.String()),
  canRedrive: Type.Boolean(),
  away: Type.Array(Type.Enum(['database', 'lanes'])),
});
