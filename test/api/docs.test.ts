import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';

test('the description names every route of the contract, with what it takes and answers', async () => {
  const { app } = await openApp();

  const { paths, openapi } = (await app.inject('/openapi.json')).json();

  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths).toSorted()).toEqual([
    '/api/client/issues',
    '/api/client/issues/raise',
    '/api/client/issues/submissions/{id}',
    '/api/client/issues/submissions/{id}/events',
    '/api/client/organizations',
    '/healthz',
    '/readyz',
  ]);
  const raise = paths['/api/client/issues/raise'].post;
  expect(Object.keys(raise.responses)).toEqual([
    '201',
    '202',
    '400',
    '401',
    '413',
    '415',
    '422',
    '429',
    '503',
  ]);
  expect(raise.requestBody.content['application/json'].schema.properties.title).toMatchObject({
    maxLength: 200,
  });
  expect(Object.keys(raise.responses[422].content)).toEqual(['application/problem+json']);
  expect(raise.security).toEqual([{ bearer: [] }]);
});

test('the page of the description has no inline script and forbids it', async () => {
  const { app } = await openApp();

  const response = await app.inject('/docs/');

  expect(response.statusCode).toBe(200);
  expect(response.headers['content-security-policy']).toContain("script-src 'self';");
  expect(response.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(response.body).not.toMatch(/\son\w+=/);
});

test('all that the page loads is there', async () => {
  const { app } = await openApp();
  const { body } = await app.inject('/docs/');

  const files = [...body.matchAll(/(?:src|href)="\.(?<file>[^"]+)"/g)].map(match => match.groups?.file);

  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect((await app.inject(`/docs${file}`)).statusCode).toBe(200);
});

test('the page reads the description that is served', async () => {
  const { app } = await openApp();

  expect((await app.inject('/docs/static/swagger-initializer.js')).body).toContain('/openapi.json');
});
