import { pino } from 'pino';
import { buildApp } from '../../src/api/app.ts';
import type { Intake } from '../../src/api/intake.ts';
import { openDatabase } from '../../src/database.ts';
import { QueueUnavailableError } from '../../src/errors.ts';

/** Nothing listens on port 1. */
const NOWHERE = 'postgres://127.0.0.1:1/nowhere';

const away = async () => {
  throw new QueueUnavailableError();
};
const NO_INTAKE: Intake = {
  accept: away,
  acceptAndWait: away,
  find: away,
  follow: away,
  ping: away,
  close: async () => {},
};

/** The OpenAPI document that the API gives at /openapi.json, as production has it. */
export async function readDescription(): Promise<unknown> {
  const orm = openDatabase(NOWHERE);
  const app = await buildApp({
    intake: NO_INTAKE,
    orm,
    log: pino({ level: 'silent' }),
    tokens: { key: { secret: 'nobody asks with a token, so none is checked' } },
  });
  try {
    return (await app.inject('/openapi.json')).json();
  } finally {
    await app.close();
    await orm.close();
  }
}
