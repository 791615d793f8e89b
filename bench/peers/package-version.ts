import { readFileSync } from 'node:fs';

/** The version of a package in this folder's node_modules, or in the product's. */
export function packageVersion(name: string, from: 'peers' | 'product'): string {
  const root = from === 'peers' ? './node_modules/' : '../../node_modules/';
  return versionIn(new URL(`${root}${name}/package.json`, import.meta.url));
}

export function productVersion(): string {
  return versionIn(new URL('../../package.json', import.meta.url));
}

function versionIn(file: URL): string {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof content !== 'object' || content === null || !('version' in content)) {
    throw new TypeError(`${file.pathname} names no version`);
  }
  return String(content.version);
}
