import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { ensureChromium } from '../scripts/bootstrap/chromium.mjs';
import { ensurePrometheus } from '../scripts/bootstrap/prometheus.mjs';
import { ensureRedis } from '../scripts/bootstrap/redis.mjs';
import { makeTempFolder, removeTempFolder } from './support/temp-folder.ts';

const ROOT = 0;
const SOMEBODY = 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A machine that has these programs, and a record of what is run on it. */
async function setup({ uid = SOMEBODY, programs = [] }: { uid?: number; programs?: string[] }) {
  const folder = await makeTempFolder('path');
  onTestFinished(() => removeTempFolder(folder));
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  vi.spyOn(console, 'log').mockReturnValue();
  const complaint = vi.spyOn(console, 'error').mockReturnValue();

  const add = async (name: string) => {
    await writeFile(path.join(folder, name), '');
    await chmod(path.join(folder, name), 0o755);
  };
  for (const program of programs) await add(program);

  const ran: string[] = [];
  const run = async (file: string, args: string[]) => {
    const command = [file, ...args].join(' ');
    ran.push(command.replaceAll(/\s+/g, ' '));
    const installed = /apt-get install .* (?<name>redis-server|chromium|prometheus) >/.exec(
      command.replaceAll(/\s+/g, ' '),
    );
    if (installed?.groups?.name) await add(installed.groups.name);
    return 0;
  };
  return { env: { PATH: folder }, run, ran, add, complaint };
}

test('REDIS_URL is enough', async () => {
  const { run, ran } = await setup({});

  expect(await ensureRedis({ REDIS_URL: 'redis://example', PATH: '' }, run)).toBe(0);
  expect(ran).toEqual([]);
});

test.each(['redis-server', 'valkey-server'])('%s on the PATH is enough', async program => {
  const { env, run, ran } = await setup({ uid: ROOT, programs: [program, 'apt-get'] });

  expect(await ensureRedis(env, run)).toBe(0);
  expect(ran).toEqual([]);
});

test('root installs the package, and no service starts', async () => {
  const { env, run, ran } = await setup({ uid: ROOT, programs: ['apt-get'] });

  expect(await ensureRedis(env, run)).toBe(0);

  expect(ran).toHaveLength(1);
  expect(ran[0]).toMatch(/^sh -c set -e .* apt-get update .*nexit 101.* apt-get install .* redis-server/);
});

test('somebody who may use sudo without a password installs the package with it', async () => {
  const { env, run, ran } = await setup({ programs: ['apt-get', 'sudo'] });

  expect(await ensureRedis(env, run)).toBe(0);

  expect(ran).toHaveLength(2);
  expect(ran[1]).toMatch(/^sudo -n sh -c .* apt-get install/);
});

test.each([
  { machine: 'has no apt-get', uid: ROOT, programs: [] },
  { machine: 'gives no way to be root', uid: SOMEBODY, programs: ['apt-get'] },
])('on a machine that $machine, one line says what to install', async ({ uid, programs }) => {
  const { env, run, ran, complaint } = await setup({ uid, programs });

  expect(await ensureRedis(env, run)).toBe(1);

  expect(ran).toEqual([]);
  expect(complaint.mock.calls).toEqual([
    ['The tests need Redis: install redis-server or valkey-server, or set REDIS_URL.'],
  ]);
});

test('sudo that asks for a password, or an installation that fails, ends with the same line', async () => {
  const noPassword = await setup({ programs: ['apt-get', 'sudo'] });
  expect(await ensureRedis(noPassword.env, async () => 1)).toBe(1);

  const failing = await setup({ uid: ROOT, programs: ['apt-get'] });
  expect(await ensureRedis(failing.env, async () => 100)).toBe(1);
});

test('CHROMIUM_PATH is enough for the browser', async () => {
  const { run, ran } = await setup({});

  expect(await ensureChromium({ CHROMIUM_PATH: '/opt/chrome', PATH: '' }, run)).toBe(0);
  expect(ran).toEqual([]);
});

test.each(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'])(
  '%s on the PATH is enough',
  async program => {
    const { env, run, ran } = await setup({ uid: ROOT, programs: [program, 'apt-get'] });

    expect(await ensureChromium(env, run)).toBe(0);
    expect(ran).toEqual([]);
  },
);

test('root installs the browser, which has no service to switch off', async () => {
  const { env, run, ran } = await setup({ uid: ROOT, programs: ['apt-get'] });

  expect(await ensureChromium(env, run)).toBe(0);

  expect(ran).toHaveLength(1);
  expect(ran[0]).toMatch(/apt-get install .* chromium > /);
  expect(ran[0]).not.toContain('systemctl');
});

test('where no browser can be installed, one line says what to install', async () => {
  const { env, run, complaint } = await setup({ programs: [] });

  expect(await ensureChromium(env, run)).toBe(1);

  expect(complaint.mock.calls).toEqual([
    ['The tests need a browser: install chromium or google-chrome, or set CHROMIUM_PATH.'],
  ]);
});

test('root installs Prometheus, whose service stays off', async () => {
  const { env, run, ran } = await setup({ uid: ROOT, programs: ['apt-get'] });

  expect(await ensurePrometheus(env, run)).toBe(0);

  expect(ran).toHaveLength(1);
  expect(ran[0]).toMatch(/apt-get install .* prometheus > .* systemctl --quiet disable prometheus/);
});

test('Prometheus on the PATH is enough, and where there can be none, one line says what to install', async () => {
  const there = await setup({ uid: ROOT, programs: ['prometheus', 'promtool', 'apt-get'] });
  expect(await ensurePrometheus(there.env, there.run)).toBe(0);
  expect(there.ran).toEqual([]);

  const nowhere = await setup({ programs: [] });
  expect(await ensurePrometheus(nowhere.env, nowhere.run)).toBe(1);
  expect(nowhere.complaint.mock.calls).toEqual([
    ['The tests need Prometheus: install prometheus, with its promtool.'],
  ]);
});
