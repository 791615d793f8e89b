import type { FastifyInstance } from 'fastify';

/** A signpost, until the client's page takes its place. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>issue-intake</title>
<h1>issue-intake</h1>
<ul>
<li><a href="/docs">The API, to read and to try</a>
<li><a href="/openapi.json">Its description for programs</a>
<li><a href="/admin/queues">The lanes, for the administrator</a>
<li><a href="/readyz">Whether it is ready</a>
</ul>
</html>
`;

/** GET /: where to go from here. */
export function homePage(app: FastifyInstance): void {
  app.get('/', { schema: { hide: true } }, (_request, reply) => {
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
      .send(PAGE);
  });
}
