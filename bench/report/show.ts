import { figuresOf, type Results } from './figures.ts';
import { targetTable } from './targets.ts';
import { filled, provenance, terminalTable } from './text.ts';

/** All tables, for a terminal. */
export function showResults(results: Results): string {
  const figures = figuresOf(results);
  const tables = results.sections.flatMap(section => section.tables.map(table => filled(table, figures)));
  const all = [...tables, targetTable(figures)].filter(({ rows }) => rows.length > 0);
  const texts = all.map(table => `${table.title}\n\n${terminalTable(table)}\n`);
  return ['', ...texts, `Medians of the rounds (smallest–largest); ${provenance(results)}.`].join('\n');
}
