import type { Finding } from './findings.ts';
import type { Matched } from './matched.ts';

/*
 * One user's whole history, to read: a line for each raise, with what was sent
 * and answered, and what is stored of it. `>` marks what is wrong.
 */

/** @param findings those about this user */
export function historyOf(
  userId: string,
  raises: readonly Matched[],
  findings: readonly Finding[],
  lostByFlush: ReadonlySet<string>,
): string {
  const ids = new Set(raises.map(({ id }) => id));
  const others = findings.filter(({ submissionId }) => !ids.has(submissionId));
  return [
    `${userId}: ${raises.length} raises, ${findings.length} wrong`,
    ...others.map(finding => `> ${wordsOf(finding)}`),
    ...raises.map((raise, index) => lineOf(raise, index + 1, findings, lostByFlush)),
  ].join('\n');
}

function lineOf(
  matched: Matched,
  place: number,
  findings: readonly Finding[],
  lostByFlush: ReadonlySet<string>,
): string {
  const { raise, id } = matched;
  const wrong = id === undefined ? [] : findings.filter(({ submissionId }) => submissionId === id);
  const parts = [
    `${wrong.length > 0 ? '>' : ' '} ${String(place).padStart(4)}`,
    `sent ${timeOf(raise.sentAt)}`,
    (id ?? 'without an id').padEnd(36),
    `for ${raise.organizationId}`,
    `${triesOf(matched)}: ${raise.outcome}${raise.code === undefined ? '' : ` (${raise.code})`}`,
    storedOf(matched, lostByFlush),
    ...wrong.map(finding => `<-- ${wordsOf(finding)}`),
  ];
  return parts.join('  ');
}

/** `no answer, 503, 202 (replayed) at 05:12:33.456` */
function triesOf({ raise: { tries } }: Matched): string {
  const last = tries.at(-1);
  if (last === undefined) return 'not tried';
  const words = tries.map(({ status, replayed }) => `${status}${replayed ? ' (replayed)' : ''}`);
  return `${words.join(', ')} at ${timeOf(last.answeredAt)}`;
}

function storedOf(
  { id, issue, refusedWith, redriven, unfinished }: Matched,
  lostByFlush: ReadonlySet<string>,
) {
  const ends = [
    ...(issue === undefined ? [] : [`issue ${issue.number} created ${timeOf(issue.createdAt)}`]),
    ...(refusedWith === undefined ? [] : [`refused with ${refusedWith}`]),
    ...(redriven ? ['redriven'] : []),
    ...(unfinished ? ['still on its lane'] : []),
    ...(id !== undefined && lostByFlush.has(id) ? ['was on its lane at a FLUSHALL'] : []),
  ];
  return `stored: ${ends.join(', ') || 'nothing'}`;
}

function wordsOf({ kind, detail }: Finding): string {
  return `${kind}: ${detail}`;
}

/** Of the day, in UTC. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
