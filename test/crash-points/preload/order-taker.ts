import { readFileSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Value } from 'typebox/value';
import { armedLine, firedLine, ORDER_FILE, ORDER_SIGNAL, type Order, OrderFile } from '../order.ts';
import type { PointName } from '../points.ts';

let order: Order | undefined;
let passings = 0;

/** Reads an order whenever the signal comes, and forgets the one before. */
export function takeOrders(): void {
  process.on(ORDER_SIGNAL, () => {
    order = Value.Parse(OrderFile, JSON.parse(readFileSync(process.env[ORDER_FILE] ?? '', 'utf8')));
    passings = 0;
    // One that dies keeps nothing for the start of the next.
    flushCompileCache();
    say(armedLine(order.id));
  });
}

/** Notes a passing. @returns whether it is the one at which the process is to die */
export function passes(point: PointName): boolean {
  return order?.point === point && ++passings === order.nth;
}

/** Notes a passing, and dies there if it is the one. */
export function passOrDie(point: PointName): void {
  if (!passes(point)) return;
  if (order !== undefined && order.afterMs > 0) setTimeout(die, order.afterMs);
  else die();
}

/** kill -9, by its own hand. Nothing runs after it. */
export function die(): void {
  say(firedLine(order?.id ?? ''));
  process.kill(process.pid, 'SIGKILL');
}

/** At once and not through a stream, so that it is out before the process is dead. */
function say(line: string): void {
  writeSync(process.stderr.fd, `${line}\n`);
}
