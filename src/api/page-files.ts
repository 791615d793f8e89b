import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { PageOptions } from './page.ts';

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  /** Weak: the plain and the compressed form share it. */
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

const FOLDER = path.join(import.meta.dirname, '..', 'web');
const INDEX = 'index.html';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

/** Where the page is told what this server has, so that it need not try. */
const PLACE_FOR_OPTIONS = '%OPTIONS%';

/** The files of `src/web` that are of a type to be served, with the addresses to serve them at. */
export async function readPageFiles(options: PageOptions): Promise<PageFile[]> {
  const names = (await readdir(FOLDER)).filter(name => TYPES.has(path.extname(name)));
  return Promise.all(names.map(name => readPageFile(name, options)));
}

async function readPageFile(name: string, options: PageOptions): Promise<PageFile> {
  const text = await readFile(path.join(FOLDER, name), 'utf8');
  const plain = Buffer.from(name === INDEX ? text.replace(PLACE_FOR_OPTIONS, attribute(options)) : text);
  return {
    path: name === INDEX ? '/' : `/web/${name}`,
    type: TYPES.get(path.extname(name)) ?? 'application/octet-stream',
    etag: `W/"${createHash('sha256').update(plain).digest('base64url')}"`,
    plain,
    gzip: gzipSync(plain, { level: 9 }),
  };
}

/** As the value of an attribute between double quotes. */
function attribute(value: unknown): string {
  return JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
