import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

export interface Import {
  /** A path within `src`, or the name of a package. */
  readonly target: string;
  /** Gone when the program runs: it cannot make a cycle there. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** Within `src`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** Every TypeScript source with what it imports. */
export async function readSources(): Promise<Source[]> {
  const paths = await readdir(SOURCES, { recursive: true });
  return Promise.all(
    paths
      .filter(each => each.endsWith('.ts'))
      .map(async each => sourceOf(each, await readFile(SOURCES + each, 'utf8'))),
  );
}

const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm;

export function sourceOf(file: string, text: string): Source {
  const imports = [...text.matchAll(STATEMENT)].map(([, type, fixed, dynamic]) => ({
    target: resolve(file, fixed ?? dynamic ?? ''),
    typeOnly: type !== undefined,
  }));
  return { path: file, lines: text.split('\n').length - 1, imports };
}

function resolve(from: string, module: string): string {
  return module.startsWith('.') ? path.join(path.dirname(from), module) : module;
}

/** The files that import one another in a circle when the program runs, if any do. */
export function findCycle(sources: readonly Source[]): string[] | undefined {
  const byPath = new Map(sources.map(source => [source.path, source]));
  const done = new Set<string>();

  const visit = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { target, typeOnly } of byPath.get(file)?.imports ?? []) {
      const cycle = typeOnly ? undefined : visit(target, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  return sources.map(({ path: file }) => visit(file, [])).find(cycle => cycle !== undefined);
}
