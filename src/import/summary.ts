import { type FindingKind, KINDS } from './findings.ts';
import type { Report } from './report.ts';
import type { Tally } from './tally.ts';

export interface Summary {
  readonly dryRun: boolean;
  readonly from: string;
  readonly tally: Tally;
  readonly report: Report;
  readonly tookMs: number;
}

/** For programs. */
export function summaryJson({ dryRun, from, tally, report, tookMs }: Summary): string {
  const findings = Object.fromEntries(found(report));
  return `${JSON.stringify({ dryRun, from, rows: tally.rows, findings, report: report.path, tookMs })}\n`;
}

/** For people. */
export function summaryText({ dryRun, from, tally, report, tookMs }: Summary): string {
  const verb = dryRun ? 'would bring in' : 'brought in';
  const rows = Object.entries(tally.rows).map(
    ([name, { added, there }]) => `  ${name.padEnd(16)}${column(added)} ${verb}, ${there} there already`,
  );
  const findings = found(report).map(
    ([kind, count]) =>
      `  ${kind.padEnd(28)}${column(count)} ${KINDS[kind].deed.padEnd(9)} ${KINDS[kind].title}`,
  );
  const nothing = ['  nothing: the old rows are as they should be'];
  return `${[
    `${from}${dryRun ? ' (dry run: nothing is changed)' : ''}, ${(tookMs / 1000).toFixed(1)} s`,
    ...rows,
    '',
    `to look at, row by row in ${report.path}:`,
    ...(findings.length > 0 ? findings : nothing),
  ].join('\n')}\n`;
}

function column(count: number): string {
  return String(count).padStart(9);
}

function found(report: Report): [FindingKind, number][] {
  return KIND_NAMES.map((kind): [FindingKind, number] => [kind, report.count(kind)]).filter(([, n]) => n > 0);
}

const KIND_NAMES = Object.keys(KINDS).filter(isKind);

function isKind(name: string): name is FindingKind {
  return name in KINDS;
}
