import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/*
 * The API's description, made from the routes' schemas. To be registered before
 * the routes, which are collected as they come.
 */

/** The page's scripts are files of its own; it styles itself at run time. */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** GET /openapi.json and the page /docs. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'issue-intake',
        version: '1',
        description:
          'Raise issues with organizations. An issue is accepted at once and applied shortly after, ' +
          'in the order in which you raised them. Failures are problem documents (RFC 9457) with a stable `code`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'Where this document comes from' }],
      tags: [
        { name: 'issues', description: 'What a client raises, and what becomes of it' },
        { name: 'organizations', description: 'Whom issues can be raised with' },
        { name: 'operation', description: 'For whoever runs the service; no token is needed' },
      ],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: { url: '/openapi.json', docExpansion: 'list', persistAuthorization: false },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
