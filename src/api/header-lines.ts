/**
 * What came in the headers of one name, one text for each. Node joins them with
 * commas in `headers`, where two cannot be told from one.
 *
 * @param raw names and values in turn, as they came
 */
export function headerLines(raw: readonly string[], name: string): string[] {
  const lines: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() === name) lines.push(raw[i + 1] ?? '');
  }
  return lines;
}
