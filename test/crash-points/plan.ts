import { type Random, seededRandom } from '../chaos/random.ts';
import { POINTS, type Point } from './points.ts';

/** What a run's processes are. */
export interface FleetKind {
  readonly store: 'redis' | 'postgres';
  /** With one, whoever comes after it has to wait for its locks; with two, the other may take over. */
  readonly workers: 1 | 2;
}

/** As many of each as their share of the runs. */
export const FLEETS: readonly FleetKind[] = [
  { store: 'redis', workers: 2 },
  { store: 'redis', workers: 1 },
  { store: 'postgres', workers: 1 },
  { store: 'redis', workers: 2 },
  { store: 'redis', workers: 1 },
  { store: 'postgres', workers: 2 },
  { store: 'redis', workers: 2 },
  { store: 'redis', workers: 1 },
];

/** One process that dies at one point. */
export interface Run {
  readonly index: number;
  /** Which of the fleets it is for. */
  readonly fleet: number;
  readonly point: Point;
  /** At which passing of the point. */
  readonly nth: number;
  /** Milliseconds after it. */
  readonly afterMs: number;
  /** When the dead process is replaced. */
  readonly replaced: 'at once' | 'when all is quiet';
  readonly usersPerLane: number;
  /** How many issues each user raises. */
  readonly each: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly runs: number;
  readonly points: readonly Point[];
  readonly fleets: readonly FleetKind[];
}

const LONGEST_WAIT_MS = 1500;

/** Every point once, in random order, and again, and again. The same options give the same runs. */
export function planRuns({ seed, runs, points, fleets }: PlanOptions): Run[] {
  const random = seededRandom(seed);
  let round: Point[] = [];
  return Array.from({ length: runs }, (_, index) => {
    if (round.length === 0) round = random.shuffle(points);
    const fleet = index % fleets.length;
    return runOf(round.pop() ?? POINTS[0], random, { index, fleet, workers: fleets[fleet]?.workers ?? 1 });
  });
}

function runOf(
  point: Point,
  random: Random,
  { index, fleet, workers }: { index: number; fleet: number; workers: number },
): Run {
  return {
    index,
    fleet,
    point,
    nth: random.between(1, point.most),
    afterMs: point.name === 'waiting' ? random.between(0, LONGEST_WAIT_MS) : 0,
    replaced:
      workers === 2 && point.role === 'worker' && random.chance(0.5) ? 'when all is quiet' : 'at once',
    usersPerLane: random.between(2, 4),
    each: random.between(5, 6),
  };
}
