import type { PointFigures, Report } from './report.ts';

/** The report as a page. */
export function markdownOf(report: Report): string {
  const { date, seed, runs, fleets, minutes, submissions, fired, failed, startedAgain } = report;
  return [
    '# Crash points',
    '',
    `\`npm run crash-points -- --runs ${runs} --seed ${seed} --fleets ${fleets.length}\`, ${date.slice(0, 10)}, ${minutes} minutes: ` +
      `${runs} runs, ${fired} processes killed at their points, ${submissions} accepted submissions.`,
    '',
    `**${verdictOf(report)}**`,
    '',
    'In each run several users raise issues on two lanes, one process kills itself (`SIGKILL`) at the point, at',
    'the passing that the seed chose, and is replaced, at once or when all is quiet; whoever had no answer asks',
    'again with the same `Idempotency-Key`. When nothing is left to apply, the ledger of what users were told is',
    'audited against database and lanes. Where the point is between two commands that are sent together, only the',
    'first are sent, and the process dies when the store has answered them.',
    '',
    ...(startedAgain === 0
      ? []
      : [
          `${startedAgain} processes ended while they started, because a store was slow to answer, and were started again.`,
          '',
        ]),
    '"recovered" is the time in seconds from the death until nothing was left to apply: median, and longest.',
    'A worker that dies keeps its lane locked for up to 5 s. After some deaths nothing is left to apply at once.',
    '',
    ...table(
      [
        'point',
        'the process dies when',
        'runs',
        'fired',
        'on Redis',
        'on PostgreSQL',
        'failures',
        'recovered',
      ],
      report.points.map(rowOf),
    ),
    '',
    `The fleets, side by side: ${fleets.map(({ store, workers }) => `${store} with ${workers === 1 ? 'one worker' : 'two workers'}`).join(', ')}.`,
    ...failed.map(
      ({ index, point, wrong }) => `\n## Run ${index}: ${point.name}\n\n\`\`\`\n${wrong.join('\n')}\n\`\`\``,
    ),
  ].join('\n');
}

/** The same, shorter, for a terminal. */
export function textOf(report: Report): string {
  const rows = report.points.map(({ point, runs, fired, failures }) =>
    [point.padEnd(20), runs, fired, failures].map(cell => String(cell).padStart(8)).join(''),
  );
  const wrong = report.failed.map(
    ({ index, point, wrong: lines }) => `run ${index}, ${point.name}: ${lines.join('\n')}`,
  );
  const head = ['point'.padEnd(20), 'runs', 'fired', 'failures'].map(cell => cell.padStart(8)).join('');
  return [head, ...rows, '', ...wrong, verdictOf(report)].join('\n');
}

function verdictOf({ runs, failures, failsBelow }: Report): string {
  if (failsBelow === undefined) return `${failures} failures in ${runs} runs.`;
  return (
    `0 failures in ${runs} runs: with 95 % confidence a run fails with probability below 3/${runs} = ` +
    `${(100 * failsBelow).toFixed(2)} %.`
  );
}

function rowOf({
  point,
  place,
  runs,
  fired,
  onRedis,
  onPostgres,
  failures,
  recovery,
}: PointFigures): string[] {
  const recovered = `${recovery.median.toFixed(1)}, ${recovery.most.toFixed(1)}`;
  return [`\`${point}\``, place, ...[runs, fired, onRedis, onPostgres, failures].map(String), recovered];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`);
}
