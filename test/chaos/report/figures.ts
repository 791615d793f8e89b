import type { Fault } from '../faults/fault.ts';
import type { Strike } from '../faults/strike.ts';
import type { Seen } from '../load/events.ts';
import type { Sample } from '../watch.ts';

/** What one fault did, over all its strikes. Seconds are counted from the moment in which it was healed. */
export interface FaultFigures {
  readonly name: string;
  readonly title: string;
  readonly strikes: number;
  readonly skipped?: string;
  /** How long it lasted, in seconds. */
  readonly lasted: number | undefined;
  /** The answers to raises from its beginning until a second after its end, in percent. */
  readonly clientsSaw: Readonly<Record<string, number>>;
  /** Until the next submission was accepted. */
  readonly accepted: Spread | undefined;
  /** Until the lanes held no more than they do when all is well. */
  readonly normal: Spread | undefined;
}

export interface Spread {
  readonly median: number;
  readonly most: number;
}

export interface Observed {
  readonly strikes: readonly Strike[];
  readonly seen: readonly Seen[];
  readonly samples: readonly Sample[];
  /** As many may wait on the lanes when all is well. */
  readonly normalBacklog: number;
}

const AFTERWARDS_MS = 1000;
/** It counts as well again when it stays so for as long. */
const STAYS_MS = 3000;

export function figuresOf(fault: Fault, observed: Observed): FaultFigures {
  const strikes = observed.strikes.filter(strike => strike.fault === fault.name);
  const skipped = strikes.find(strike => strike.skipped !== undefined)?.skipped;
  const ended = strikes.flatMap(({ injectedAt, healedAt }) =>
    healedAt === undefined ? [] : [{ injectedAt, healedAt }],
  );
  const { name, title } = fault;
  return {
    name,
    title,
    strikes: ended.length,
    ...(skipped === undefined ? {} : { skipped }),
    lasted: spread(ended.map(({ injectedAt, healedAt }) => healedAt - injectedAt))?.median,
    clientsSaw: shares(
      ended.flatMap(({ injectedAt, healedAt }) =>
        observed.seen.filter(
          ({ at, kind, how }) =>
            kind === 'raise' && how !== 'hangs up' && at >= injectedAt && at <= healedAt + AFTERWARDS_MS,
        ),
      ),
    ),
    accepted: spread(ended.flatMap(({ healedAt }) => untilAccepted(healedAt, observed))),
    normal: spread(ended.flatMap(({ healedAt }) => untilNormal(healedAt, observed))),
  };
}

function shares(seen: readonly Seen[]): Record<string, number> {
  const groups = Map.groupBy(seen, ({ status }) => String(status));
  const percent = (count: number) => Math.round((1000 * count) / seen.length) / 10;
  return Object.fromEntries([...groups].sort().map(([status, of]) => [status, percent(of.length)]));
}

function untilAccepted(from: number, { seen }: Observed): number[] {
  const first = seen.find(({ at, ms, status }) => at - ms >= from && (status === 202 || status === 201));
  return first === undefined ? [] : [first.at - from];
}

function untilNormal(from: number, { samples, normalBacklog }: Observed): number[] {
  const isNormal = ({ backlog }: Sample) => backlog !== undefined && backlog <= normalBacklog;
  const after = samples.filter(({ at }) => at >= from);
  const first = after.find(
    (sample, index) =>
      isNormal(sample) &&
      after.slice(index).every(later => later.at > sample.at + STAYS_MS || isNormal(later)),
  );
  return first === undefined ? [] : [first.at - from];
}

/** @param times in milliseconds */
function spread(times: readonly number[]): Spread | undefined {
  const sorted = times.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)];
  const most = sorted.at(-1);
  if (median === undefined || most === undefined) return undefined;
  return { median: seconds(median), most: seconds(most) };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
