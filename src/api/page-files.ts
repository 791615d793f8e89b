import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** One file of a page, ready to be sent. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  /** Weak: the plain and the compressed form share it. */
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

const WEB = path.join(import.meta.dirname, '..', 'web');
const CLIENT = path.join(import.meta.dirname, '../../client');
const INDEX = 'index.html';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

/** Where the page is told what this server has, so that it need not try. */
const PLACE_FOR_OPTIONS = '%OPTIONS%';

/** The document of a page, which may be told something. @param folder in `src/web` */
export async function readDocument(folder: string, address: string, options: object = {}): Promise<PageFile> {
  const text = await readFile(path.join(WEB, folder, INDEX), 'utf8');
  return pageFile(address, INDEX, text.replace(PLACE_FOR_OPTIONS, attribute(options)));
}

/** What the documents load: the files of a folder in `src/web` that are of a type to be served. */
export async function readParts(folder: string): Promise<PageFile[]> {
  const names = (await readdir(path.join(WEB, folder))).filter(name => TYPES.has(path.extname(name)));
  const parts = names.filter(name => name !== INDEX).map(name => path.posix.join(folder, name));
  return Promise.all(
    parts.map(async part => pageFile(`/web/${part}`, part, await readFile(path.join(WEB, part), 'utf8'))),
  );
}

/** The client library's modules, with which the pages speak to the API. */
export async function readClientLibrary(): Promise<PageFile[]> {
  const names = (await readdir(CLIENT)).filter(name => path.extname(name) === '.js');
  return Promise.all(
    names.map(async name =>
      pageFile(`/client/${name}`, name, await readFile(path.join(CLIENT, name), 'utf8')),
    ),
  );
}

/** A file of a package, at an address of ours: a browser finds no packages. */
export async function readPackageFile(file: string, address: string): Promise<PageFile> {
  const from = createRequire(import.meta.url).resolve(file);
  return pageFile(address, from, await readFile(from, 'utf8'));
}

function pageFile(address: string, name: string, text: string): PageFile {
  const plain = Buffer.from(text);
  return {
    path: address,
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
