import { type Figure, median, type Table } from './figures.ts';
import { figureText } from './text.ts';

interface Target {
  readonly what: string;
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
}

/** What the project promises of its speed. */
const TARGETS: readonly Target[] = [
  {
    what: 'apply, many new users: ours, 1 process, against the obvious worker',
    figure: 'apply.many-new.ratio',
    least: 6,
    unit: '×',
  },
  { what: 'apply, many known users: the same', figure: 'apply.many-known.ratio', least: 6, unit: '×' },
  {
    what: 'webhooks for every organization: apply, of that without',
    figure: 'webhooks.told.part',
    least: 90,
    unit: '%',
  },
  { what: 'intake: of the bare route', figure: 'intake.ours.part', least: 50, unit: '%' },
  { what: 'intake: p99 at half the capacity', figure: 'intake.ours.half.p99', most: 50, unit: 'ms' },
  { what: 'end to end at 25 %: p50', figure: 'end-to-end.25.p50', most: 15, unit: 'ms' },
  { what: 'end to end at 25 %: p99', figure: 'end-to-end.25.p99', most: 75, unit: 'ms' },
  {
    what: 'noisy neighbour: p99 with the flood against without',
    figure: 'neighbour.limited.ratio',
    most: 3,
    unit: '×',
  },
  { what: 'all of production on: costs of intake', figure: 'extras.intake.cost', most: 10, unit: '%' },
  { what: 'all of production on: costs of apply', figure: 'extras.apply.cost', most: 10, unit: '%' },
  {
    what: 'fleet: a joining process works on a third of the lanes',
    figure: 'fleet.join.third',
    most: 10,
    unit: 's',
  },
  { what: 'fleet: longest pause of a lane, SIGTERM', figure: 'fleet.SIGTERM.pause', most: 1, unit: 's' },
  { what: 'fleet: longest pause of a lane, kill -9', figure: 'fleet.SIGKILL.pause', most: 12, unit: 's' },
];

/** Those that were measured. */
export function targetTable(figures: ReadonlyMap<string, Figure>): Table {
  const rows = TARGETS.flatMap(({ what, figure: id, least, most, unit }) => {
    const figure = figures.get(id);
    if (figure === undefined || figure.values.length === 0) return [];
    const value = median(figure.values);
    const holds = value >= (least ?? -Infinity) && value <= (most ?? Infinity);
    const target = least === undefined ? `at most ${most} ${unit}` : `at least ${least} ${unit}`;
    return [[what, target, figureText(figure), holds ? 'holds' : 'MISSED']];
  });
  return { title: 'What must hold', head: ['what', 'target', 'measured', ''], rows };
}
