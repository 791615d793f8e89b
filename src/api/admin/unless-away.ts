import { IntakeError } from '../../errors.ts';

/** What a store answered, or that it is away. */
export interface Asked<T> {
  readonly value?: T;
  readonly error?: IntakeError;
}

/** Waits for an answer that can be done without while its store is away. */
export async function unlessAway<T>(answer: Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    if (error instanceof IntakeError && error.status === 503) return { error };
    throw error;
  }
}

/** @throws IntakeError that of the first store that was away, if one was */
export function orThrow(...asked: readonly Asked<unknown>[]): void {
  for (const { error } of asked) if (error !== undefined) throw error;
}
