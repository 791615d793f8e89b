import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Value } from 'typebox/value';
import { Results } from './figures.ts';

const FOLDER = path.resolve(import.meta.dirname, '..', 'results');

/** @returns the file: of a whole run one that is kept, else one that git ignores */
export async function writeResults(results: Results, whole: boolean): Promise<string> {
  const folder = whole ? FOLDER : path.join(FOLDER, 'tmp');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${results.date.slice(0, 19).replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}

/** Those in a file, or of the newest whole run. */
export async function readResults(file: string | undefined): Promise<Results> {
  const chosen = file ?? path.join(FOLDER, await newest());
  return Value.Parse(Results, JSON.parse(await readFile(chosen, 'utf8')));
}

/** The names are dates. */
async function newest(): Promise<string> {
  const names = (await readdir(FOLDER).catch(() => [])).filter(name => /^\d.*\.json$/.test(name)).sort();
  const last = names.at(-1);
  if (last === undefined)
    throw new Error('there are no figures yet of a whole run; do one, or name a file with --from');
  return last;
}
