/** Whoever wants to be left alone for longer answers so again. */
const MOST_MS = 60 * 60_000;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long a `Retry-After` header (RFC 9110) asks to wait: seconds, or until a date.
 *
 * @returns milliseconds, at most an hour; undefined if it asks for nothing that can be understood
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : HTTP_DATE.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return ms > 0 ? Math.min(ms, MOST_MS) : undefined;
}
