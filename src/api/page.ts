import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type PageFile, readClientLibrary, readDocument, readPackageFile, readParts } from './page-files.ts';

/*
 * The pages: static files, kept in memory with their compressed form.
 * A browser keeps them too, and asks each time whether they are still the same:
 * so after a deployment no page is put together from old and new modules.
 */

export interface PageOptions {
  /** Who may be chosen to sign in as; nobody where a token is needed. */
  readonly demoUsers: readonly string[];
  /** Whether there is a dashboard to link to. */
  readonly hasDashboard: boolean;
}

/** Nothing but files of its own, and nobody may frame it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cache-control': 'no-cache',
  vary: 'accept-encoding',
};

/** GET / and what the pages load from /web/ and /client/. */
export async function page(app: FastifyInstance, options: PageOptions): Promise<void> {
  serve(app, [await readDocument('.', '/', options), ...(await readParts('.'))]);
  serve(app, await readClientLibrary());
  if (!options.hasDashboard) return;
  serve(app, await readParts('admin'));
  serve(app, [
    await readPackageFile('uplot/dist/uPlot.esm.js', '/web/admin/uplot.js'),
    await readPackageFile('uplot/dist/uPlot.min.css', '/web/admin/uplot.css'),
  ]);
}

/** GET /admin: the document alone; it loads nothing that is secret. Who may see it is its caller's business. */
export async function adminPage(app: FastifyInstance): Promise<void> {
  serve(app, [await readDocument('admin', '/admin')]);
}

function serve(app: FastifyInstance, files: readonly PageFile[]): void {
  for (const file of files) {
    app.get(file.path, { schema: { hide: true } }, (request, reply) => send(file, request, reply));
  }
}

function send(file: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers(HEADERS).header('etag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  reply.type(file.type);
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.plain);
  return reply.header('content-encoding', 'gzip').send(file.gzip);
}
