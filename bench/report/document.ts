import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { figuresOf, type Results } from './figures.ts';
import { targetTable } from './targets.ts';
import { filled, markdownTable, provenance } from './text.ts';

const FILE = path.resolve(import.meta.dirname, '..', '..', 'docs', 'performance.md');

/** Writes the tables between the marks of docs/performance.md, so that no figure is typed by hand. */
export async function writeDocument(results: Results): Promise<void> {
  let text = await readFile(FILE, 'utf8');
  for (const [name, content] of Object.entries(contents(results))) text = replaceBetween(text, name, content);
  await writeFile(FILE, text);
}

function contents(results: Results): Record<string, string> {
  const figures = figuresOf(results);
  const sections = results.sections.map(({ name, tables }) => [
    name,
    tables
      .map(table => filled(table, figures))
      .map(table => `**${table.title}**\n\n${markdownTable(table)}`)
      .join('\n\n'),
  ]);
  return {
    provenance: `Medians of the rounds, with the smallest and the largest; ${provenance(results)}.`,
    targets: markdownTable(targetTable(figures)),
    ...Object.fromEntries(sections),
  };
}

function replaceBetween(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- bench: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${FILE} has no place for "${name}" (${begin} … ${end})`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
