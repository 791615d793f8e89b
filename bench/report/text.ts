import { type Figure, median, type Results, type Table } from './figures.ts';

/** Numbers and tables, for a terminal and for Markdown. */

/** `2,710 (2,650–2,790)`: the median, and the smallest and largest of the rounds. */
export function figureText({ unit, values }: Figure): string {
  if (values.length === 0) return '–';
  const middle = `${numberText(median(values))}${unit === '' ? '' : ` ${unit}`}`;
  if (values.length === 1) return middle;
  return `${middle} (${numberText(Math.min(...values))}–${numberText(Math.max(...values))})`;
}

/** Three digits that count, and thousands apart. */
export function numberText(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) });
}

/** A table with its figures filled in. */
export function filled({ title, head, rows }: Table, figures: ReadonlyMap<string, Figure>): Table {
  const fill = (text: string) =>
    text.replace(/\{(?<id>[\w.-]+)\}/g, (_, id: string) => {
      const figure = figures.get(id);
      return figure === undefined ? '–' : figureText(figure);
    });
  return { title: fill(title), head, rows: rows.map(row => row.map(fill)) };
}

type Content = Pick<Table, 'head' | 'rows'>;

export function markdownTable({ head, rows }: Content): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function terminalTable({ head, rows }: Content): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return [line(head), widths.map(width => '─'.repeat(width)).join('───'), ...rows.map(line)].join('\n');
}

/** In one sentence: what, when, on what. */
export function provenance({ date, quick, rounds, minutes, machine }: Results): string {
  const { cpu, cores, memoryGiB, kernel, node, redis, postgres, commit, othersPercent } = machine;
  return (
    `${quick ? 'A QUICK RUN, whose figures mean little: ' : ''}measured ${date.slice(0, 10)} at ${commit}, ` +
    `${rounds} rounds, ${numberText(minutes)} minutes, on ${cores} cores of ${cpu} with ${memoryGiB} GiB, ${kernel}, ` +
    `Node ${node}, Redis ${redis}, PostgreSQL ${postgres}; ` +
    `other programs took ${numberText(othersPercent)} % of the processor meanwhile`
  );
}
