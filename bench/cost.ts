import type { Section, Table } from './report/figures.ts';
import { type Figure, median } from './report/figures.ts';

/*
 * What a submission costs, from figures that *apply* and *intake* have measured
 * on the way: CPU time at saturation, of the process and its whole server.
 */

const PARTS = [
  { id: 'api', title: 'API process', from: ['intake.ours.cpu.api'] },
  { id: 'worker', title: 'worker process', from: ['apply.many-known.ours-1.cpu.workers'] },
  { id: 'redis', title: 'Redis', from: ['intake.ours.cpu.redis', 'apply.many-known.ours-1.cpu.redis'] },
  { id: 'postgres', title: 'PostgreSQL', from: ['apply.many-known.ours-1.cpu.postgres'] },
];

const SCALES = [1000, 10_000, 100_000];

/** Undefined when the measurements it needs are not there. */
export function costOf(sections: readonly Section[]): Section | undefined {
  const measured = new Map(sections.flatMap(({ figures }) => figures.map(figure => [figure.id, figure])));
  const figures = PARTS.map(({ id, from }) => ({
    id: `cost.${id}`,
    unit: 'µs',
    values: [sumOf(measured, from)],
  }));
  if (figures.some(({ values }) => !values.every(Number.isFinite))) return undefined;
  const cores = figures.flatMap(({ id, values: [micros = 0] }) =>
    SCALES.map(scale => ({ id: `${id}.cores.${scale}`, unit: '', values: [(micros * scale) / 1e6] })),
  );
  return { name: 'cost', tables: [TABLE], figures: [...figures, ...cores] };
}

function sumOf(measured: ReadonlyMap<string, Figure>, ids: readonly string[]): number {
  return ids.reduce((sum, id) => sum + median(measured.get(id)?.values ?? []), 0);
}

const TABLE: Table = {
  title: 'CPU time per submission, and the cores that a rate keeps busy',
  head: ['', 'per submission', ...SCALES.map(scale => `${scale.toLocaleString('en-US')}/s`)],
  rows: PARTS.map(({ id, title }) => [
    title,
    `{cost.${id}}`,
    ...SCALES.map(scale => `{cost.${id}.cores.${scale}} cores`),
  ]),
};
