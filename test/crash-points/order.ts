import { Type } from 'typebox';
import { isPointName, type PointName } from './points.ts';

/*
 * What the suite and the preload in a process of the product say to each other:
 * an order, in a file that the process reads on a signal; and lines on its error
 * stream, which are out before it is dead.
 */

/** On this signal the process reads its order. */
export const ORDER_SIGNAL = 'SIGUSR2';

/** The environment variable with the name of the file. */
export const ORDER_FILE = 'CRASH_POINT_ORDER';

/** Where a process is to kill itself. */
export interface Order {
  readonly id: string;
  readonly point: PointName;
  /** At this passing, counted from 1. */
  readonly nth: number;
  /** Milliseconds after it. */
  readonly afterMs: number;
}

export const OrderFile = Type.Object({
  id: Type.String(),
  point: Type.Refine(Type.Unsafe<PointName>(Type.String()), isPointName),
  nth: Type.Integer({ minimum: 1 }),
  afterMs: Type.Number({ minimum: 0 }),
});

/** The line of a process that has read its order. */
export function armedLine(id: string): string {
  return JSON.stringify({ crashPoint: 'armed', order: id });
}

/** The last line of a process that kills itself. */
export function firedLine(id: string): string {
  return JSON.stringify({ crashPoint: 'fired', order: id });
}
