import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { readDescription } from './read-description.ts';

/*
 * The package's types: those of the API from its description, and those of the
 * library from its sources. They are in the repository, for whoever imports it from
 * there; a test tells when they are out of date, and `npm run client:types` writes
 * them anew.
 */

const CLIENT = fileURLToPath(new URL('..', import.meta.url));

/** Those of the API; the others stand on them. */
export const API_TYPES = 'openapi.d.ts';

/** @returns the text of each file of `client/types` but that of the API, by name */
export async function generateLibraryTypes(): Promise<Map<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'issue-intake-client-types-'));
  try {
    declare(folder);
    const names = await readdir(folder);
    const texts = names.map(async name => [name, await readFile(path.join(folder, name), 'utf8')] as const);
    return new Map(await Promise.all(texts));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the text of each file that is in `client/types` now, by name */
export async function presentTypes(): Promise<Map<string, string>> {
  const folder = path.join(CLIENT, 'types');
  const names = await readdir(folder);
  return new Map(
    await Promise.all(
      names.map(async name => [name, await readFile(path.join(folder, name), 'utf8')] as const),
    ),
  );
}

export async function generateApiTypes(): Promise<string> {
  const document = await readDescription();
  // A field with a default need not be sent.
  return astToString(await openapiTS(JSON.stringify(document), { defaultNonNullable: false }));
}

function declare(outDir: string): void {
  const tsc = path.join(CLIENT, '../node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', CLIENT, '--outDir', outDir], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the library's types cannot be made:\n${stdout}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const types = path.join(CLIENT, 'types');
  await rm(types, { recursive: true, force: true });
  await mkdir(types);
  await writeFile(path.join(types, API_TYPES), await generateApiTypes());
  for (const [name, text] of await generateLibraryTypes()) await writeFile(path.join(types, name), text);
}
