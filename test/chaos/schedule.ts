import { type Random, seededRandom } from './random.ts';

/*
 * When which fault strikes. A pure function of its arguments: the same seed, time
 * and faults give the same schedule.
 *
 * In each round every fault has its turn once. A round is shuffled and cut into
 * groups of faults that overlap. Two that strike the same part of the system are
 * never in one group: the second would only meet what is broken already. Each
 * group has a slot of the same length, whose end is a pause, in which the system
 * has to get well.
 */

export interface Schedulable {
  readonly name: string;
  /** The part of the system that it strikes. */
  readonly target: string;
  /** How long it lasts where there is time enough. */
  readonly durationMs: number;
  /** With less than this it would show nothing. */
  readonly leastMs: number;
}

export interface Planned {
  readonly fault: string;
  /** Milliseconds after the load has begun. */
  readonly at: number;
  readonly durationMs: number;
  /** For what the fault itself leaves to chance. */
  readonly seed: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly totalMs: number;
  readonly faults: readonly Schedulable[];
  /** Most faults at a time. */
  readonly together: number;
  /** How often each fault strikes. */
  readonly rounds?: number | undefined;
}

/** About five rounds in 20 minutes. */
const ROUND_MS = 240_000;
/** Before the first fault, and after the last. */
const QUIET_START_MS = 3000;
const QUIET_END_MS = 5000;
/** A group's faults begin within this part of its slot, and end within that part. */
const BEGIN_WITHIN = 0.15;
const END_WITHIN = 0.75;

/** The planned faults, in the order in which they strike. */
export function schedule({ seed, totalMs, faults, together, ...options }: ScheduleOptions): Planned[] {
  const random = seededRandom(seed);
  const { rounds = Math.max(1, Math.round(totalMs / ROUND_MS)) } = options;
  const groups = Array.from({ length: rounds }, () => groupsOf(random.shuffle(faults), together)).flat();
  const slotMs = (totalMs - QUIET_START_MS - QUIET_END_MS) / groups.length;
  return groups
    .flatMap((group, index) => planned(group, QUIET_START_MS + index * slotMs, slotMs, random))
    .sort((one, other) => one.at - other.at);
}

function groupsOf(faults: readonly Schedulable[], together: number): Schedulable[][] {
  const groups: Schedulable[][] = [];
  for (const fault of faults) {
    const fits = (group: Schedulable[]) =>
      group.length < together && group.every(({ target }) => target !== fault.target);
    const group = groups.find(fits);
    if (group === undefined) groups.push([fault]);
    else group.push(fault);
  }
  return groups;
}

function planned(group: readonly Schedulable[], from: number, slotMs: number, random: Random): Planned[] {
  return group.map(({ name, durationMs, leastMs }) => {
    const late = random.between(0, Math.round(slotMs * BEGIN_WITHIN));
    return {
      fault: name,
      at: Math.round(from + late),
      durationMs: Math.max(leastMs, Math.min(durationMs, Math.round(slotMs * END_WITHIN - late))),
      seed: random.between(1, 2 ** 31),
    };
  });
}
