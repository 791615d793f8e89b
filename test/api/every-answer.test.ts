import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshRedisUrl } from '../support/services.ts';
import { PRODUCERS, type Systems, startSystems } from './support/answer-producers.ts';
import {
  type DocumentedAnswers,
  differences,
  documentedAnswers,
  withoutCode,
} from './support/documented-answers.ts';

/*
 * The description promises nothing that a real system does not give: each answer
 * of each route is produced, and held against its schema. One that is documented
 * and has no producer fails the first test.
 */

let systems: Systems;
let documented: DocumentedAnswers;
beforeAll(async () => {
  systems = await startSystems(await freshRedisUrl());
  const response = await fetch(`${systems.working.address}/openapi.json`);
  documented = documentedAnswers(await response.json());
});
afterAll(() => systems?.close());

test('every documented answer can be produced, and every other one is documented', () => {
  const produced = new Set(Object.keys(PRODUCERS).map(withoutCode));

  expect([...produced].toSorted()).toEqual([...documented.keys()].toSorted());
});

test.for(Object.entries(PRODUCERS))('%s', async ([name, produce]) => {
  expect(differences(documented, name, await produce(systems))).toEqual([]);
});

test('this test sees an answer that is not as documented', () => {
  const [name, text] = ['GET /healthz 200', '{"status":"well"}'];
  const type = 'application/json';

  expect(differences(documented, name, { status: 200, type, text: '{"status":"ok"}' })).toEqual([]);
  expect(differences(documented, name, { status: 200, type, text })).toHaveLength(1);
  expect(differences(documented, name, { status: 200, type: 'text/plain', text })).toHaveLength(1);
  expect(differences(documented, name, { status: 204, type, text })).toHaveLength(1);
});
