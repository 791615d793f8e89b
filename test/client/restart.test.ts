import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet } from '../support/worker-fleet.ts';
import { openBrowser } from '../web/support/browser.ts';
import { startApiProcess } from './support/api-process.ts';

/*
 * The program that the README shows, while the API is killed and started again
 * between the acceptance and the outcome.
 */

const FOLDER = path.resolve('client');
const APPLIED = /applied as issue #\d+/;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

async function place() {
  const fleet = await openWorkerFleet({ lanes: 2 });
  onTestFinished(() => fleet.close());
  const api = await startApiProcess(fleet);
  onTestFinished(async () => void (await api.close()));
  return {
    fleet,
    api,
    /** There are no workers until the API is back, so nothing is applied before. */
    async restartInTheMiddle() {
      await api.restart();
      await fleet.startWorker();
    },
  };
}

it('gets its outcome in Node', async () => {
  const { fleet, api, restartInTheMiddle } = await place();
  const program = spawn(process.execPath, [path.join(FOLDER, 'examples/raise.js')], {
    env: { INTAKE_URL: api.address, INTAKE_TOKEN: await tokenOf('ann') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  const said = outputOf(program);
  await waitFor(() => /accepted as/.test(said()));

  await restartInTheMiddle();
  const [code] = await once(program, 'exit');

  expect(code).toBe(0);
  expect(said()).toMatch(APPLIED);
  expect(await fleet.issues()).toBe(1);
});

it('gets its outcome in a browser', async () => {
  const { fleet, api, restartInTheMiddle } = await place();
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.route(`${api.address}/package/**`, async route => {
    const file = new URL(route.request().url()).pathname.replace('/package/', '');
    const contentType = file.endsWith('.js') ? 'text/javascript' : 'text/html';
    await route.fulfill({ contentType, body: await readFile(path.join(FOLDER, file), 'utf8') });
  });
  await page.goto(`${api.address}/package/examples/raise.html#${await tokenOf('ann')}`);
  await page.getByText('accepted as').waitFor({ timeout: 60_000 });

  await restartInTheMiddle();
  await page.getByText(APPLIED).waitFor({ timeout: 60_000 });

  expect(await fleet.issues()).toBe(1);
});

function outputOf({ stdout }: ChildProcess): () => string {
  let text = '';
  stdout?.setEncoding('utf8').on('data', part => {
    text += part;
  });
  return () => text;
}

it('is as short as the README says', async () => {
  const program = await readFile(path.join(FOLDER, 'examples/raise.js'), 'utf8');

  expect(program.split('\n').filter(line => line.trim() !== '').length).toBeLessThanOrEqual(15);
});
