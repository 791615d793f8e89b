import { Type } from 'typebox';
import { Machine } from '../system/machine.ts';

/** One measured quantity, once for each round. */
export const Figure = Type.Object({
  /** For programs: `apply.many-known.ours-1`. */
  id: Type.String(),
  unit: Type.String(),
  /** JSON has no NaN: a figure that this machine cannot measure has none. */
  values: Type.Array(Type.Number()),
});
export type Figure = Type.Static<typeof Figure>;

/** A table for people: a cell is text, or the id of a figure as `{id}`. */
export const Table = Type.Object({
  title: Type.String(),
  head: Type.Array(Type.String()),
  rows: Type.Array(Type.Array(Type.String())),
});
export type Table = Type.Static<typeof Table>;

export const Section = Type.Object({
  name: Type.String(),
  tables: Type.Array(Table),
  figures: Type.Array(Figure),
});
export type Section = Type.Static<typeof Section>;

/** All that a run leaves behind. */
export const Results = Type.Object({
  date: Type.String(),
  quick: Type.Boolean(),
  rounds: Type.Integer(),
  minutes: Type.Number(),
  machine: Machine,
  sections: Type.Array(Section),
  /** Measurements that could not be made, or found what must not be. */
  failures: Type.Array(Type.String()),
});
export type Results = Type.Static<typeof Results>;

/** Collects the figures of a measurement while its rounds go on. */
export class Figures {
  readonly #figures = new Map<string, Figure>();

  add(id: string, unit: string, value: number): void {
    const figure = this.#figures.get(id) ?? { id, unit, values: [] };
    this.#figures.set(id, figure);
    if (Number.isFinite(value)) figure.values.push(value);
  }

  median(id: string): number {
    return median(this.#figures.get(id)?.values ?? []);
  }

  get all(): Figure[] {
    return [...this.#figures.values()];
  }
}

/** Of no values: NaN. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The figures of all sections, by id. */
export function figuresOf(results: Results): Map<string, Figure> {
  return new Map(results.sections.flatMap(({ figures }) => figures.map(figure => [figure.id, figure])));
}
