/** Thrown by {@link within}. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Begins a time that several steps share.
 *
 * @returns how many of the `ms` milliseconds are left, to be asked at any time; never less than 0
 */
export function deadline(ms: number): () => number {
  const end = performance.now() + ms;
  return () => Math.max(0, end - performance.now());
}

/**
 * The promise's value, if it comes in time. The work itself is not stopped.
 *
 * @throws TimeoutError after `ms` milliseconds
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
