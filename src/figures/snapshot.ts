import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Figures } from './figures.ts';

/*
 * What a process tells the others of its figures. Processes of two versions work
 * side by side during an upgrade: fields may be added, and codes and kinds that
 * this version does not know are taken as they come.
 */

const Count = Type.Integer({ minimum: 0 });
const CountByName = Type.Record(Type.String(), Count);

export const Snapshot = Type.Object({
  id: Type.String(),
  name: Type.Enum(['api', 'worker', 'all']),
  host: Type.String(),
  pid: Type.Integer(),
  /** Milliseconds since 1970, by its own clock. */
  startedAt: Type.Integer(),
  /** How long it had counted; see `Figures.ageMs`. */
  ageMs: Type.Number({ minimum: 0 }),
  /** It is about to end: these are its last figures. */
  isLast: Type.Boolean(),
  lanes: Type.Array(Type.Integer({ minimum: 0 })),
  accepted: Count,
  applied: Count,
  rejected: CountByName,
  failed: CountByName,
  retries: CountByName,
  /** By `LATENCY_BOUNDS`. */
  latency: Type.Array(Count),
});
export type Snapshot = Static<typeof Snapshot>;

const parser = Compile(Snapshot);

export function snapshotOf(figures: Figures, isLast: boolean): Snapshot {
  const { id, name, host, pid, startedAt, ageMs, lanes, accepted, applied } = figures;
  const { rejected, failed, retries, latency } = figures;
  return {
    ...{ id, name, host, pid, startedAt, ageMs, isLast, lanes: [...lanes], accepted, applied },
    ...{ rejected, failed, retries, latency: latency.counts },
  };
}

/** Undefined for what is no snapshot: another version's, at worst. */
export function parseSnapshot(text: string): Snapshot | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return parser.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
