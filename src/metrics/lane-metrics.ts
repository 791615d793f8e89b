import type { Registry } from 'prom-client';
import type { Figures } from '../figures/figures.ts';
import { lanesOf, shortLabel } from '../lanes.ts';
import { gauge } from './collected.ts';

/** How much waits on a lane. */
export interface WaitingLane {
  /** Its short label. */
  readonly lane: string;
  /** Submissions. */
  readonly waiting: number;
  /** How long its head has waited, in milliseconds; null when nothing waits. */
  readonly oldestMs: number | null;
}

/** What autoscaling needs. Every API process tells the same, for all lanes. */
export function waitingMetrics(registry: Registry, lanes: () => readonly WaitingLane[]): void {
  gauge(registry, { name: 'issue_intake_backlog', help: 'Submissions that wait on a lane' }, ['lane'], () =>
    lanes().map(({ lane, waiting }) => [{ lane }, waiting] as const),
  );
  gauge(
    registry,
    {
      name: 'issue_intake_oldest_waiting_seconds',
      help: 'How long the submission at the head of a lane has waited since it was accepted; 0 without one',
    },
    ['lane'],
    () => lanes().map(({ lane, oldestMs }) => [{ lane }, (oldestMs ?? 0) / 1000] as const),
  );
}

/** Which lanes a worker process runs, of those that are served. */
export function ownershipMetrics(registry: Registry, figures: Figures): void {
  gauge(
    registry,
    { name: 'issue_intake_lane_owned', help: '1 when this process runs the lane, else 0' },
    ['lane'],
    () => {
      const served = figures.epoch === undefined ? [] : lanesOf(figures.epoch);
      const isOurs = (index: number) => figures.lanes.includes(index);
      return served.map(lane => [{ lane: shortLabel(lane) }, isOurs(lane.index) ? 1 : 0] as const);
    },
  );
}
