/*
 * `Prefer: wait=N` (RFC 7240): the client would rather wait N seconds for the end
 * than ask again. A preference that cannot be read is no preference, never an error.
 */

export const LONGEST_WAIT_SECONDS = 30;

/** Seconds to wait; 0 when the client did not ask for it. The first preference of a name counts. */
export function preferredWait(header: string | undefined): number {
  if (header === undefined) return 0;
  for (const preference of splitOutsideQuotes(header)) {
    const [nameAndValue = ''] = preference.split(';', 1);
    const [name = '', value = ''] = nameAndValue.split('=', 2).map(part => part.trim());
    if (name.toLowerCase() === 'wait') return seconds(value);
  }
  return 0;
}

/** By hand, because a regular expression for this is easily one that an attacker can make slow. */
function* splitOutsideQuotes(header: string): Generator<string> {
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < header.length; i++) {
    if (header[i] === '"') isQuoted = !isQuoted;
    else if (isQuoted && header[i] === '\\') i++;
    else if (!isQuoted && header[i] === ',') {
      yield header.slice(start, i);
      start = i + 1;
    }
  }
  yield header.slice(start);
}

function seconds(value: string): number {
  const digits = /^(?<quote>"?)(?<digits>\d+)\k<quote>$/.exec(value)?.groups?.digits;
  return digits === undefined ? 0 : Math.min(Number(digits), LONGEST_WAIT_SECONDS);
}
