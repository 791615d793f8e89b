/*
 * `Prefer: wait=N` (RFC 7240): the client would rather wait N seconds for the end
 * than ask again. A preference that cannot be read is no preference, never an error.
 */

export const LONGEST_WAIT_SECONDS = 30;

/** One preference: a name, perhaps a value, perhaps parameters, and the comma or the end. */
const PREFERENCE =
  /[\s,]*(?<name>[^\s=;,"]+)(?:\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s;,"]*)))?(?:\s*;[^,"]*(?:"(?:[^"\\]|\\.)*"[^,";]*)?)*\s*(?:,|$)/y;

/** Seconds to wait; 0 when the client did not ask for it. The first preference of a name counts. */
export function preferredWait(header: string | undefined): number {
  if (header === undefined) return 0;
  PREFERENCE.lastIndex = 0;
  for (;;) {
    const { name, quoted, bare } = PREFERENCE.exec(header)?.groups ?? {};
    if (name === undefined) return 0;
    if (name.toLowerCase() === 'wait') return seconds(quoted ?? bare);
  }
}

function seconds(value: string | undefined): number {
  if (value === undefined || !/^\d+$/.test(value)) return 0;
  return Math.min(Number(value), LONGEST_WAIT_SECONDS);
}
