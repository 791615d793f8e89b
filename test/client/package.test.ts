import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, it } from 'vitest';
import {
  API_TYPES,
  generateApiTypes,
  generateLibraryTypes,
  presentTypes,
} from '../../client/scripts/generate-types.ts';

/*
 * The package as it would be published.
 */

const HINT = 'out of date? npm run client:types';

it('has types of what the API gives at /openapi.json, and of its own sources', async () => {
  const present = await presentTypes();

  const generated = await generateLibraryTypes();
  generated.set(API_TYPES, await generateApiTypes());

  expect([...present.keys()].sort()).toEqual([...generated.keys()].sort());
  for (const [name, text] of generated) expect(present.get(name), `${name}: ${HINT}`).toBe(text);
});

const Pack = Type.Tuple([Type.Object({ files: Type.Array(Type.Object({ path: Type.String() })) })]);

it('is made of modules, types, licence and what describes it', async () => {
  const arguments_ = ['pack', '--dry-run', '--json', '--offline', '--ignore-scripts'];
  const output = execFileSync('npm', arguments_, { cwd: 'client', encoding: 'utf8', stdio: 'pipe' });

  const [{ files }] = Value.Parse(Pack, JSON.parse(output));

  const modules = (await readdir('client')).filter(name => name.endsWith('.js'));
  const types = [...modules.map(name => name.replace(/js$/, 'd.ts')), API_TYPES];
  expect(files.map(({ path }) => path).sort()).toEqual(
    ['LICENSE', 'README.md', 'package.json', ...modules, ...types.map(name => `types/${name}`)].sort(),
  );
});

it('needs no other package, and carries the licence of the project', async () => {
  const description = JSON.parse(await readFile('client/package.json', 'utf8'));
  const root = JSON.parse(await readFile('package.json', 'utf8'));

  expect(description.dependencies).toBeUndefined();
  expect(description.peerDependencies).toBeUndefined();
  expect(description.version).toBe(root.version);
  expect(await readFile('client/LICENSE', 'utf8')).toBe(await readFile('LICENSE', 'utf8'));
});

it('imports nothing but its own modules, which a browser finds as they are', async () => {
  const modules = (await readdir('client')).filter(name => name.endsWith('.js'));
  for (const name of modules) {
    const text = await readFile(`client/${name}`, 'utf8');
    const imported = [...text.matchAll(/^(?:import|export|\}) [^;]*?from '([^']+)';/gms)].map(
      ([, from]) => from,
    );
    expect(imported.filter(from => !modules.includes(String(from).replace('./', '')))).toEqual([]);
  }
});
