import type { Services } from './peer.ts';

/** What a worker process is started with, as its only argument. */
export interface Task {
  readonly peer: string;
  readonly services: Services;
  /** Whether 2 % of the submissions fail once. */
  readonly withFailures: boolean;
}

/** What a worker process says: that it is connected, that so many submissions have had their failure, how much CPU it has used. */
export type Report = { readonly ready: true } | { readonly failed: number } | { readonly cpuMicros: number };

export function parseTask(argument = ''): Task {
  return JSON.parse(argument) as Task;
}

export function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'ready' in message;
}

export function failuresIn(message: unknown): number {
  return typeof message === 'object' && message !== null && 'failed' in message ? Number(message.failed) : 0;
}

export function cpuMicrosIn(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('cpuMicros' in message)) return undefined;
  return Number(message.cpuMicros);
}
