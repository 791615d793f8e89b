import type { Audit } from './audit.ts';
import type { Look, Suspect } from './looks.ts';

const MOST_SHOWN = 20;

/** What an audit found, as a table for people: each check, then the rows to look at. Ids only. */
export function auditTable(audit: Audit): string {
  const { checks } = audit;
  const width = Math.max(...checks.map(({ title }) => title.length));
  const verdicts = checks.map(({ title, count }) => `${title.padEnd(width)}  ${verdictOf(count)}`);
  const wrong = checks.filter(({ count }) => count > 0).map(rowsToLookAt);
  return `${[summaryOf(audit), '', ...verdicts, ...wrong.flat(), '', conclusionOf(audit)].join('\n')}\n`;
}

/** How many are wrong in all. */
export function wrongIn({ checks }: Audit): number {
  return checks.reduce((sum, { count }) => sum + count, 0);
}

function verdictOf(count: number): string {
  return count === 0 ? 'ok' : `${count} wrong`;
}

function summaryOf({ issues, refusals, jobs, lanes, waiting, oldestWaiting }: Audit): string {
  const oldest = oldestWaiting
    ? `, the oldest on ${oldestWaiting.lane}, accepted ${(oldestWaiting.ageMs / 1000).toFixed(1)} s ago`
    : '';
  return `${issues} issues, ${refusals} refusals; ${jobs} jobs on ${lanes} lanes, ${waiting} waiting${oldest}`;
}

function conclusionOf(audit: Audit): string {
  const wrong = wrongIn(audit);
  const took = `(${(audit.tookMs / 1000).toFixed(1)} s)`;
  return wrong === 0 ? `nothing is wrong ${took}` : `${wrong} wrong ${took}`;
}

function rowsToLookAt({ title, count, suspects }: Look): string[] {
  const shown = suspects.slice(0, MOST_SHOWN).map(lineOf);
  const more = count > shown.length ? [`  and ${count - shown.length} more`] : [];
  return ['', `${count} wrong: ${title}`, ...shown, ...more];
}

function lineOf({ id, userId, lane, what }: Suspect): string {
  const named = [id, userId === undefined ? undefined : `of ${JSON.stringify(userId)}`, lane];
  return `  ${named.filter(part => part !== undefined).join('  ')}  ${what}`;
}
