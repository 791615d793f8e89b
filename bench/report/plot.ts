import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Figure, figuresOf, median, type Results } from './figures.ts';
import { numberText } from './text.ts';

const FILE = path.resolve(import.meta.dirname, '..', '..', 'docs', 'images', 'bench.svg');

interface Bar {
  readonly title: string;
  readonly figure: string;
  readonly ours?: boolean;
}

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const PANELS: readonly Panel[] = [
  {
    title: 'Submissions applied per second, 5,000 known users',
    unit: '/s',
    bars: [
      { title: 'the obvious worker', figure: 'apply.many-known.obvious' },
      { title: 'issue-intake, 1 process', figure: 'apply.many-known.ours-1', ours: true },
      { title: 'issue-intake, 2 processes', figure: 'apply.many-known.ours-2', ours: true },
      { title: 'BullMQ doing nothing', figure: 'apply.many-known.no-op' },
    ],
  },
  {
    title: 'Requests accepted per second',
    unit: '/s',
    bars: [
      { title: 'queue.add per request', figure: 'intake.queue-add' },
      { title: 'issue-intake', figure: 'intake.ours', ours: true },
      { title: 'the bare route, no queue', figure: 'intake.bare' },
    ],
  },
  {
    title: 'From request to committed issue, 99 of 100 within',
    unit: ' ms',
    bars: [25, 50, 80].map(share => ({
      title: `at ${share} % of the capacity`,
      figure: `end-to-end.${share}.p99`,
      ours: true,
    })),
  },
];

const WIDTH = 720;
const [BAR_LEFT, BAR_WIDTH, BAR_HEIGHT] = [200, 380, 18];
const [ROW, PANEL_TITLE, PANEL_GAP] = [26, 34, 18];

/** Follows the reader's colours, light or dark, because the background is theirs. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .ours { fill: #0969da } .other { fill: #8c959f } .spread { stroke: #24292f; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #6e7681 } .spread { stroke: #e6edf3 }
  }`;

/** Draws the main figures, with the spread of the rounds, for the README. */
export async function writePlot(results: Results): Promise<void> {
  await mkdir(path.dirname(FILE), { recursive: true });
  await writeFile(FILE, plot(figuresOf(results)));
}

export function plot(figures: ReadonlyMap<string, Figure>): string {
  const parts: string[] = [];
  let top = 0;
  for (const panel of PANELS) {
    parts.push(panelAt(top, panel, figures));
    top += PANEL_TITLE + panel.bars.length * ROW + PANEL_GAP;
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" ` +
    `aria-label="Throughput and latency of issue-intake"><style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`
  );
}

function panelAt(top: number, { title, unit, bars }: Panel, figures: ReadonlyMap<string, Figure>): string {
  const values = bars.map(bar => figures.get(bar.figure)?.values ?? []);
  const scale = BAR_WIDTH / Math.max(1, ...values.flat());
  const rows = bars.map((bar, index) =>
    barAt(top + PANEL_TITLE + index * ROW, bar, values[index] ?? [], scale, unit),
  );
  return [`<text class="title" x="0" y="${top + 18}">${title}</text>`, ...rows].join('\n');
}

function barAt(
  top: number,
  { title, ours }: Bar,
  values: readonly number[],
  scale: number,
  unit: string,
): string {
  const y = top + BAR_HEIGHT - 4;
  const name = `<text x="${BAR_LEFT - 10}" y="${y}" text-anchor="end">${title}</text>`;
  if (values.length === 0) return `${name}<text x="${BAR_LEFT}" y="${y}">not measured</text>`;
  const at = (value: number) => (BAR_LEFT + value * scale).toFixed(1);
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  const center = top + BAR_HEIGHT / 2;
  return [
    name,
    `<rect class="${ours ? 'ours' : 'other'}" x="${BAR_LEFT}" y="${top}" width="${(middle * scale).toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<line class="spread" x1="${at(least)}" x2="${at(most)}" y1="${center}" y2="${center}"/>`,
    `<text x="${(BAR_LEFT + most * scale + 8).toFixed(1)}" y="${y}">${numberText(middle)}${unit}</text>`,
  ].join('');
}
