import { type Static, Type } from 'typebox';

/*
 * The last hour of the whole fleet, as the administrator's page reads it. Times
 * are milliseconds since 1970.
 */

const Count = Type.Integer({ minimum: 0 });
const CountByName = Type.Record(Type.String(), Count);
const MsOrNull = Type.Union([Type.Number({ minimum: 0 }), Type.Null()]);
const LaneName = Type.String({ examples: ['07'] });

/** What was counted within the interval that ends at `at`. */
const Point = Type.Object({
  at: Type.Integer(),
  accepted: Count,
  applied: Count,
  rejected: CountByName,
  failed: CountByName,
  retries: CountByName,
  /** From acceptance to commit; null when nothing was decided. */
  p50Ms: MsOrNull,
  p99Ms: MsOrNull,
  /** Submissions that wait, at `at`. */
  backlog: Count,
});
export type Point = Static<typeof Point>;

const LaneNow = Type.Object({
  lane: LaneName,
  waiting: Count,
  /** How long its head has waited since it was accepted. */
  oldestMs: MsOrNull,
  /** The id of the process that runs it. */
  owner: Type.Union([Type.String(), Type.Null()]),
});
export type LaneNow = Static<typeof LaneNow>;

const ProcessNow = Type.Object({
  id: Type.String(),
  name: Type.Enum(['api', 'worker', 'all']),
  host: Type.String(),
  pid: Type.Integer(),
  lanes: Type.Array(LaneName),
  startedAt: Type.Integer(),
});
export type ProcessNow = Static<typeof ProcessNow>;

export const History = Type.Object({
  everyMs: Type.Integer(),
  points: Type.Array(Point),
  lanes: Type.Array(LaneNow),
  processes: Type.Array(ProcessNow),
  /** Since the process that answers began to watch. */
  totals: Type.Object({
    since: Type.Integer(),
    accepted: Count,
    applied: Count,
    rejected: CountByName,
    failed: CountByName,
  }),
});
export type History = Static<typeof History>;
