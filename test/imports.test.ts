import { expect, test } from 'vitest';
import { findCycle, readSources, type Source, sourceOf } from './support/import-graph.ts';

/*
 * Imports point one way: whoever puts the program together, then the API and the
 * workers, then what they share, then the entities.
 */

const sources = await readSources();

type Layer = 'composition' | 'api' | 'workers' | 'webhooks' | 'audit' | 'import' | 'shared' | 'entities';

/** Puts the program together: the only ones who know both the API and the workers. */
const COMPOSITION = /^(main|run-\w+|migrate-all)\.ts$/;

const MAY_IMPORT: Record<Layer, readonly Layer[]> = {
  composition: ['composition', 'api', 'workers', 'webhooks', 'audit', 'import', 'shared', 'entities'],
  api: ['api', 'shared', 'entities'],
  workers: ['workers', 'shared', 'entities'],
  webhooks: ['webhooks', 'shared', 'entities'],
  audit: ['audit', 'shared', 'entities'],
  // It writes the domain while the workers do, and by their rules.
  import: ['import', 'workers', 'shared', 'entities'],
  shared: ['shared', 'entities'],
  entities: ['entities'],
};

/** What an endpoint is checked with when it is made, and again when something is sent. */
const SHARED_OF_WEBHOOKS = /^webhooks\/(endpoint-url|private-addresses|secret)\.ts$/;

function layerOf(file: string): Layer {
  if (COMPOSITION.test(file)) return 'composition';
  if (SHARED_OF_WEBHOOKS.test(file)) return 'shared';
  const [folder] = file.split('/');
  return isFolderLayer(folder) ? folder : 'shared';
}

function isFolderLayer(folder: string | undefined): folder is Layer {
  return (
    folder === 'api' ||
    folder === 'workers' ||
    folder === 'webhooks' ||
    folder === 'audit' ||
    folder === 'import' ||
    folder === 'entities'
  );
}

function isPackage(target: string): boolean {
  return !target.endsWith('.ts');
}

/** Every import that breaks the rule, as a line to read. */
function broken(rule: (source: Source, target: string) => boolean): string[] {
  return sources.flatMap(source =>
    source.imports
      .filter(({ target }) => !rule(source, target))
      .map(({ target }) => `${source.path} -> ${target}`),
  );
}

test('there are sources, and each import leads to one of them', () => {
  const paths = new Set(sources.map(source => source.path));

  expect(paths.size).toBeGreaterThan(50);
  expect(broken((_, target) => isPackage(target) || paths.has(target))).toEqual([]);
});

test('imports point one way, and the API and the workers know nothing of each other', () => {
  expect(
    broken(({ path }, target) => isPackage(target) || MAY_IMPORT[layerOf(path)].includes(layerOf(target))),
  ).toEqual([]);
});

test('nobody imports the program itself', () => {
  expect(broken((_, target) => target !== 'main.ts')).toEqual([]);
});

test('the inside of the embedded PostgreSQL is its own', () => {
  const within = (file: string) => file.startsWith('embedded-postgres');

  expect(broken(({ path }, target) => within(path) || !target.startsWith('embedded-postgres/'))).toEqual([]);
});

/** Who may know a library; all others use what these make of it. */
const KNOWS: [string, RegExp][] = [
  [
    'bullmq',
    /^(queue-store|redis-store|postgres-store|postgres-bullmq|postgres-turns|turn-queue|lane-consumer|epoch-records)\.ts$/,
  ],
  [
    'ioredis',
    /^(redis-connection|redis-facts|redis-store|redis-rate-limit|gathering-redis|replica-barrier)\.ts$/,
  ],
  [
    'pg',
    /^(database|database-connections|postgres-store|postgres-bullmq|postgres-facts|postgres-rate-limit|postgres-seal|postgres-stalled-check|import\/postgres-source)\.ts$|^embedded-postgres/,
  ],
  ['node:sqlite', /^import\/sqlite-source\.ts$|^embedded-postgres\/data-lock\.ts$/],
  ['fastify', /^api\/|^run-api\.ts$/],
  ['fastify-plugin', /^api\//],
  ['@fastify/', /^api\//],
  ['helmet', /^api\/security-headers\.ts$/],
  ['@bull-board/', /^api\/bull-board/],
  ['jose', /^api\//],
  ['prom-client', /^metrics\//],
  ['@mikro-orm/migrations', /^database\.ts$|^entities\/migrations\//],
  ['@opentelemetry/', /^(open-)?tracing\.ts$/],
  ['bullmq-otel', /^open-tracing\.ts$/],
  ['@mikro-orm/core', /^entities\/|^workers\/database-errors\.ts$/],
];

test.each(KNOWS)('only its own files know %s', (library, knows) => {
  const isIt = (target: string) => (library.endsWith('/') ? target.startsWith(library) : target === library);

  expect(broken(({ path }, target) => !isIt(target) || knows.test(path))).toEqual([]);
});

test('a library that the workers write the domain with is only read with elsewhere', () => {
  const writers = broken((_, target) => target !== 'entities/index.ts').map(line => line.split(' ')[0]);

  expect(writers.sort()).toEqual(['database.ts', 'demo-data.ts', 'workers/write-changes.ts']);
});

test('no sources import one another in a circle, but for types', () => {
  expect(findCycle(sources)).toBeUndefined();
});

test('no source is longer than 150 lines', () => {
  expect(sources.filter(({ lines }) => lines > 150).map(({ path, lines }) => `${path}: ${lines}`)).toEqual(
    [],
  );
});

test('this test sees every kind of import', () => {
  const text = `import fs from 'node:fs';
import { type A, b } from '../b.ts';
import type { C } from './c.ts';
import type {} from './d.ts';
import {
  e,
} from './e.ts';
export { f } from './f.ts';
export type { G } from './g.ts';
import './h.ts';
const i = await import('./i.ts');
`;

  const { imports } = sourceOf('api/a.ts', text);

  const types = imports.filter(({ typeOnly }) => typeOnly).map(({ target }) => target);
  const runs = imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target);
  expect(types).toEqual(['api/c.ts', 'api/d.ts', 'api/g.ts']);
  expect(runs).toEqual(['node:fs', 'b.ts', 'api/e.ts', 'api/f.ts', 'api/h.ts', 'api/i.ts']);
});

test('this test sees a circle, and not one of types', () => {
  const [a, b] = [sourceOf('a.ts', `import './b.ts';`), sourceOf('b.ts', `import { a } from './a.ts';`)];
  const typed = sourceOf('b.ts', `import type { A } from './a.ts';`);

  expect(findCycle([a, b])).toEqual(['a.ts', 'b.ts', 'a.ts']);
  expect(findCycle([a, typed])).toBeUndefined();
});
