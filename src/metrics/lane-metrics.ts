import type { Registry } from 'prom-client';
import type { Figures } from '../figures/figures.ts';
import { laneDigits } from '../lanes.ts';
import { gauge } from './collected.ts';

/** How much waits on each lane. */
export interface Waiting {
  readonly lanes: number;
  /** Submissions that wait on a lane. */
  backlog(lane: number): number;
  /** How long its head has waited, in milliseconds; undefined when nothing waits. */
  oldestMs(lane: number): number | undefined;
}

/** What autoscaling needs. Every API process tells the same, for all lanes. */
export function waitingMetrics(registry: Registry, { lanes, backlog, oldestMs }: Waiting): void {
  gauge(registry, { name: 'issue_intake_backlog', help: 'Submissions that wait on a lane' }, ['lane'], () =>
    ofEach(lanes, backlog),
  );
  gauge(
    registry,
    {
      name: 'issue_intake_oldest_waiting_seconds',
      help: 'How long the submission at the head of a lane has waited since it was accepted; 0 without one',
    },
    ['lane'],
    () => ofEach(lanes, lane => (oldestMs(lane) ?? 0) / 1000),
  );
}

/** Which lanes a worker process runs. */
export function ownershipMetrics(registry: Registry, lanes: number, figures: Figures): void {
  gauge(
    registry,
    { name: 'issue_intake_lane_owned', help: '1 when this process runs the lane, else 0' },
    ['lane'],
    () => ofEach(lanes, lane => (figures.lanes.includes(lane) ? 1 : 0)),
  );
}

function ofEach(lanes: number, value: (lane: number) => number) {
  return Array.from({ length: lanes }, (_, lane) => [{ lane: laneDigits(lane) }, value(lane)] as const);
}
