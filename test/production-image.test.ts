import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { VARIABLES } from '../src/config-variables.ts';
import { composeWith, SECRETS, serviceOf } from './support/compose-file.ts';

const dockerfile = await readFile('Dockerfile', 'utf8');

test('every image has a tag that is not "latest"', () => {
  const ofServices = Object.values(composeWith(SECRETS).services).map(({ image }) => image);
  const ofStages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);

  expect(ofStages).toEqual(['node:24.21-slim', 'node:24.21-slim']);
  for (const image of [...ofServices, ...ofStages]) expect(image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/);
});

test('the image runs the API by Node itself, as a user who is not root', () => {
  const command = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? 'null');

  expect(command).toEqual(serviceOf('api').command);
  expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  expect(dockerfile).toMatch(/^ENV NODE_ENV=production /m);
});

test('the health check asks the API where it listens, and what is not needed stays out of the image', async () => {
  const ignored = (await readFile('.dockerignore', 'utf8')).split('\n').filter(line => /^[^#]/.test(line));

  expect(dockerfile).toContain(`\${process.env.PORT || 3000}/healthz`);
  expect(ignored).toEqual([
    '*',
    '!package.json',
    '!package-lock.json',
    '!src',
    '!client/package.json',
    '!client/*.js',
  ]);
});

test('.env.example lists every variable, and sets none to a secret', async () => {
  const example = await readFile('.env.example', 'utf8');
  const lines = [...example.matchAll(/^#?(?<name>[A-Z_]+)=(?<value>.*)$/gm)].map(({ groups }) => groups);
  const names = lines.map(line => line?.name).sort();
  const secrets = lines.filter(line => /(SECRET|PASSWORD)$/.test(line?.name ?? ''));

  expect(names).toEqual([...VARIABLES, 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'].sort());
  expect(secrets.map(line => line?.value)).toEqual(['', '', '', '']);
});
