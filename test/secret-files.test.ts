import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test } from 'vitest';
import { readApiConfig, readWorkerConfig } from '../src/config.ts';
import { ConfigError } from '../src/environment.ts';
import { tokenOf } from './api/support/tokens.ts';
import { startProduct } from './support/product-process.ts';
import { freshDatabase, freshRedisUrl } from './support/services.ts';
import { makeTempFolder, removeTempFolder } from './support/temp-folder.ts';

const DATABASE_URL = 'postgres://me:hunter2@db.example:5432/crm';
const QUEUE_URL = 'rediss://:hunter2@redis.example';
const JWT_SECRET = 'hunter2 is a secret of more than 32 bytes';

/** Writes each secret into a file. @returns the paths */
async function filesOf<T extends Record<string, string>>(secrets: T): Promise<{ [name in keyof T]: string }> {
  const folder = await makeTempFolder('secrets');
  onTestFinished(() => removeTempFolder(folder));
  const entries = Object.entries(secrets).map(async ([name, text]) => {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return [name, file];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function mistakesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

test('each secret may stand in a file, with a newline at its end', async () => {
  const files = await filesOf({
    database: `${DATABASE_URL}\n`,
    queue: `${QUEUE_URL}\r\n`,
    jwt: JWT_SECRET,
    admin: 'pass word\n',
  });

  const config = readApiConfig({
    DATABASE_URL_FILE: files.database,
    QUEUE_URL_FILE: files.queue,
    JWT_SECRET_FILE: files.jwt,
    ADMIN_PASSWORD_FILE: files.admin,
  });

  expect(config).toMatchObject({
    databaseUrl: DATABASE_URL,
    queueUrl: QUEUE_URL,
    tokens: { key: { secret: JWT_SECRET } },
    admin: { password: 'pass word' },
  });
});

test('a secret both in a file and in the environment is a mistake', async () => {
  const { jwt } = await filesOf({ jwt: JWT_SECRET });

  expect(mistakesOf(() => readApiConfig({ DATABASE_URL, JWT_SECRET, JWT_SECRET_FILE: jwt }))).toEqual([
    'JWT_SECRET_FILE and JWT_SECRET exclude each other; unset one of them',
  ]);
});

test('a file that is not there, cannot be read, or holds nothing is one mistake each', async () => {
  const { empty } = await filesOf({ empty: '\n' });
  const folder = path.join(path.dirname(empty), 'folder');
  await mkdir(folder);

  const mistakes = mistakesOf(() =>
    readApiConfig({
      DATABASE_URL_FILE: '/nowhere/database',
      JWT_SECRET_FILE: folder,
      ADMIN_PASSWORD_FILE: empty,
    }),
  );

  expect(mistakes).toEqual([
    'DATABASE_URL_FILE must name a file that can be read; /nowhere/database cannot (ENOENT)',
    `JWT_SECRET_FILE must name a file that can be read; ${folder} cannot (EISDIR)`,
    `ADMIN_PASSWORD_FILE names an empty file, ${empty}`,
  ]);
});

test('what is wrong inside a file is said without showing it', async () => {
  const { database, jwt } = await filesOf({ database: 'mysql://me:hunter2@db/crm\n', jwt: 'hunter2\n' });

  const mistakes = mistakesOf(() => readApiConfig({ DATABASE_URL_FILE: database, JWT_SECRET_FILE: jwt }));

  expect(mistakes).toEqual([
    expect.stringMatching(/^DATABASE_URL must be a URL/),
    'JWT_SECRET must have at least 32 bytes, not 7',
  ]);
  expect(mistakes.join()).not.toContain('hunter2');
});

test('a role reads the files of its own secrets only', () => {
  expect(readWorkerConfig({ DATABASE_URL, JWT_SECRET_FILE: '/nowhere/jwt' }).databaseUrl).toBe(DATABASE_URL);
});

test('an empty name of a file is none, and a misspelled one is noticed', () => {
  expect(readWorkerConfig({ DATABASE_URL, QUEUE_URL_FILE: '' }).queueUrl).toBe(DATABASE_URL);
  expect(mistakesOf(() => readWorkerConfig({ DATABASE_URL, DATABASE_URL_FIL: 'x' }))).toEqual([
    'DATABASE_URL_FIL is no variable of issue-intake; did you mean DATABASE_URL_FILE?',
  ]);
});

test('a process whose secret cannot be read ends with one line', async () => {
  const worker = startProduct('worker', { DATABASE_URL_FILE: '/nowhere/database' });

  expect(await worker.ended).toBe(2);
  expect(worker.lines).toEqual([
    'DATABASE_URL_FILE must name a file that can be read; /nowhere/database cannot (ENOENT)',
  ]);
});

const Listening = Type.Object({ address: Type.String() });

test('secrets in files are rolled: a process keeps those that it began with', {
  timeout: 60_000,
}, async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const [old, young] = ['of the old days, 32 bytes or more', 'of the new days, 32 bytes or more'];
  const files = await filesOf({ jwt: old, admin: old });
  const environment = {
    DATABASE_URL: database.url,
    QUEUE_URL: await freshRedisUrl(),
    JWT_SECRET_FILE: files.jwt,
    ADMIN_PASSWORD_FILE: files.admin,
    PORT: '0',
  };
  /** @returns what it answers to those who know a secret: with a token, and as administrator */
  const startApi = async () => {
    const api = startProduct('api', environment);
    onTestFinished(async () => void (await api.end('SIGTERM')));
    const line = await api.line(each => each.includes('"msg":"listening"'));
    const { address } = Value.Parse(Listening, JSON.parse(line));
    const ask = async (path: string, authorization: string) =>
      (await fetch(`${address}${path}`, { headers: { authorization } })).status;
    return async (secret: string) => [
      await ask('/api/client/organizations', `Bearer ${await tokenOf('ann', {}, secret)}`),
      await ask('/admin/', `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`),
    ];
  };

  const first = await startApi();
  await writeFile(files.jwt, young);
  await writeFile(files.admin, young);
  const second = await startApi();

  expect([await first(old), await first(young)]).toEqual([
    [200, 200],
    [401, 401],
  ]);
  expect([await second(old), await second(young)]).toEqual([
    [401, 401],
    [200, 200],
  ]);
});
