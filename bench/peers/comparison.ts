import { readFileSync, writeFileSync } from 'node:fs';
import { newestResults } from './results.ts';
import { renderTables } from './table.ts';

const FILE = new URL('../../docs/comparison.md', import.meta.url);
const BETWEEN_MARKERS = /(?<begin><!-- peers:begin[^>]*-->\n).*(?<end><!-- peers:end -->)/s;

/**
 * Writes the newest results into docs/comparison.md, between its markers.
 *
 * @returns whether there were any
 * @throws Error when the markers are gone
 */
export function updateComparison(): boolean {
  const results = newestResults();
  if (results === undefined) return false;
  const before = readFileSync(FILE, 'utf8');
  const { begin, end } = BETWEEN_MARKERS.exec(before)?.groups ?? {};
  if (begin === undefined || end === undefined) throw new Error(`${FILE.pathname} has lost its markers`);
  writeFileSync(
    FILE,
    before.replace(BETWEEN_MARKERS, () => `${begin}\n${renderTables(results)}\n\n${end}`),
  );
  return true;
}
