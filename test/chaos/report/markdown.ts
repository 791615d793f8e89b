import type { FaultFigures, Spread } from './figures.ts';
import type { Report } from './report.ts';

/** The report as a page. */
export function markdownOf(report: Report): string {
  const { date, options, totals, wrong, endedByThemselves, audit } = report;
  const command = `npm run chaos -- --minutes ${options.minutes} --seed ${options.seed}${options.rounds === undefined ? '' : ` --together ${options.together} --rounds ${options.rounds}`}`;
  return [
    `# Under fire, seed ${options.seed}`,
    '',
    `\`${command}\`, ${date.slice(0, 10)}: ${options.users} users at a time, ${options.lanes} lanes, up to ${options.together} faults at a time.`,
    '',
    wrong.length === 0 ? 'Nothing was wrong.' : `**${wrong.length} things were wrong**`,
    ...wrong.map(line => `- ${line}`),
    '',
    '## Faults',
    '',
    'Faults overlap: what clients saw while one of them lasted may be the doing of another.',
    'Times are seconds from the moment in which a fault was over: median, and longest.',
    '',
    ...table(
      ['fault', 'struck', 'lasted', 'clients saw', 'accepted again', 'backlog normal'],
      report.faults.map(faultRow),
    ),
    '',
    '## Totals',
    '',
    ...table(
      ['what', 'count'],
      Object.entries(totals).map(([name, value]) => [words(name), String(value)]),
    ),
    '',
    '## Audit',
    '',
    `${audit.findings.length} findings.`,
    ...audit.findings.map(
      ({ kind, userId, submissionId, detail }) =>
        `- ${kind}: ${[userId, submissionId, detail].filter(Boolean).join(', ')}`,
    ),
    '',
    ...(endedByThemselves.length === 0 ? [] : ['## Processes that ended by themselves', '']),
    ...endedByThemselves.map(({ process, how, log }) => `- ${process}: ${how}\n\n\`\`\`\n${log}\n\`\`\``),
  ].join('\n');
}

/** The same, shorter, for a terminal. */
export function textOf({ faults, totals, wrong }: Report): string {
  const rows = faults.map(faultRow).map(cells => cells.map(cell => cell.replaceAll('`', '')));
  return [
    ...aligned([['fault', 'struck', 'lasted', 'clients saw', 'accepted', 'normal'], ...rows]),
    '',
    ...aligned(Object.entries(totals).map(([name, value]) => [words(name), String(value)])),
    '',
    wrong.length === 0 ? 'Nothing was wrong.' : `WRONG:\n${wrong.map(line => `  ${line}`).join('\n')}`,
  ].join('\n');
}

function faultRow(figures: FaultFigures): string[] {
  const { title, strikes, skipped, lasted, clientsSaw, accepted, normal } = figures;
  if (skipped !== undefined) return [title, 'skipped', skipped, '', '', ''];
  const saw = Object.entries(clientsSaw).map(([status, percent]) => `${status}: ${percent} %`);
  return [title, String(strikes), lasted?.toFixed(1) ?? '', saw.join(', '), spread(accepted), spread(normal)];
}

function spread(times: Spread | undefined): string {
  return times === undefined ? '' : `${times.median.toFixed(1)}, ${times.most.toFixed(1)}`;
}

/** `slowestAnswer` becomes `slowest answer`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0))) ?? [];
  return rows.map(cells =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
