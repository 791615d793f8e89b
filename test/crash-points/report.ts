import type { Performed } from './perform.ts';
import type { FleetKind } from './plan.ts';
import { POINTS } from './points.ts';

/** How often a point was visited, and what came of it. */
export interface PointFigures {
  readonly point: string;
  readonly role: string;
  readonly place: string;
  /** Runs that were to end there. */
  readonly runs: number;
  /** Runs in which the process really killed itself there. */
  readonly fired: number;
  readonly onRedis: number;
  readonly onPostgres: number;
  readonly failures: number;
  /** Seconds from the death until nothing was left to apply: median, and longest. */
  readonly recovery: { readonly median: number; readonly most: number };
}

export interface Report {
  readonly date: string;
  readonly seed: number;
  readonly fleets: readonly FleetKind[];
  readonly minutes: number;
  readonly runs: number;
  readonly fired: number;
  readonly failures: number;
  readonly submissions: number;
  /** Processes that ended while they started, and were started again. */
  readonly startedAgain: number;
  /** By the rule of three: with 95 % confidence a run fails with a probability below this. Only without failures. */
  readonly failsBelow: number | undefined;
  readonly points: readonly PointFigures[];
  readonly failed: readonly Performed[];
}

export function reportOf(
  performed: readonly Performed[],
  facts: Pick<Report, 'date' | 'seed' | 'fleets' | 'minutes'>,
): Report {
  const failed = performed.filter(({ wrong }) => wrong.length > 0);
  const names = new Set(performed.map(({ point }) => point.name));
  return {
    ...facts,
    runs: performed.length,
    fired: performed.filter(({ fired }) => fired).length,
    failures: failed.length,
    submissions: performed.reduce((sum, { submissions }) => sum + submissions, 0),
    startedAgain: performed.reduce((sum, { startedAgain }) => sum + startedAgain, 0),
    failsBelow: failed.length === 0 ? 3 / performed.length : undefined,
    points: POINTS.filter(({ name }) => names.has(name)).map(point => figuresOf(point, performed)),
    failed,
  };
}

function figuresOf({ name, role, place }: (typeof POINTS)[number], all: readonly Performed[]): PointFigures {
  const performed = all.filter(({ point }) => point.name === name);
  const count = (is: (one: Performed) => boolean) => performed.filter(is).length;
  const times = performed.map(({ recoveryMs }) => recoveryMs / 1000).sort((a, b) => a - b);
  return {
    point: name,
    role,
    place,
    runs: performed.length,
    fired: count(({ fired }) => fired),
    onRedis: count(({ kind }) => kind.store === 'redis'),
    onPostgres: count(({ kind }) => kind.store === 'postgres'),
    failures: count(({ wrong }) => wrong.length > 0),
    recovery: { median: times[times.length >> 1] ?? 0, most: times.at(-1) ?? 0 },
  };
}
