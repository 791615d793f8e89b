import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse, parseAllDocuments } from 'yaml';

/*
 * The files below deploy/kubernetes, read as Kubernetes would read them. No cluster is needed.
 */

const ROOT = 'deploy/kubernetes';

const Manifest = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  metadata: Type.Object({ name: Type.String() }),
});
export type Manifest = Static<typeof Manifest>;

const Kustomization = Type.Object({ resources: Type.Array(Type.String()) });

/** What a folder adds by itself, before kustomize has put anything together. */
export function manifestsOf(folder: string): Manifest[] {
  const read = (file: string) => readFileSync(path.join(ROOT, folder, file), 'utf8');
  const { resources } = Value.Parse(Kustomization, parse(read('kustomization.yaml')));
  return resources.filter(name => name.endsWith('.yaml')).flatMap(name => manifestsIn(read(name)));
}

export async function hasKubectl(): Promise<boolean> {
  try {
    await promisify(execFile)('kubectl', ['kustomize', '--help']);
    return true;
  } catch {
    return false;
  }
}

/** What `kubectl apply --kustomize` would send. */
export async function build(folder: string): Promise<Manifest[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', path.join(ROOT, folder)]);
  return manifestsIn(stdout);
}

function manifestsIn(text: string): Manifest[] {
  // Kubernetes reads YAML 1.1, in which 0440 is octal.
  return parseAllDocuments(text, { version: '1.1' }).map(each => Value.Parse(Manifest, each.toJS()));
}

/** The part of a manifest that `schema` describes. */
export function partOf<T extends TSchema>(
  manifests: readonly Manifest[],
  kind: string,
  name: string,
  schema: T,
): Static<T> {
  const found = manifests.find(each => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return Value.Parse(schema, found);
}
