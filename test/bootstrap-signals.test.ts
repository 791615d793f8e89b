import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { makeInstalledProject, runBootstrap } from './support/bootstrap-project.ts';
import { waitFor } from './support/wait-for.ts';

/** Counts its signals for a while after the first, then ends with exit code 7. */
const SCRIPT = `
  const signals = [];
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      signals.push(signal);
      console.log('got ' + signal);
      if (signals.length === 1) setTimeout(end, 700);
    });
  }
  function end() {
    console.log('signals: ' + signals.join());
    process.exit(7);
  }
  setInterval(() => {}, 1000);
  console.log('running as ' + process.pid);
`;

async function setup() {
  const root = await makeInstalledProject();
  await writeFile(path.join(root, 'main.mjs'), SCRIPT);
  const command = runBootstrap(root, ['node', 'main.mjs']);
  const scriptPid = Number(await waitFor(() => /running as (\d+)/.exec(command.output())?.[1]));
  onTestFinished(() => {
    if (isAlive(scriptPid)) process.kill(scriptPid, 'SIGKILL');
  });
  return { command, scriptPid, pid: command.child.pid ?? 0 };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to the bootstrap alone reaches the command, whose exit code is kept',
  async signal => {
    const { command, pid } = await setup();

    process.kill(pid, signal);

    expect(await command.ended()).toBe(7);
    expect(command.output()).toContain(`signals: ${signal}\n`);
  },
);

test('Ctrl-C, which the terminal sends to the whole group and npm once more, reaches the command once', async () => {
  const { command, pid } = await setup();

  process.kill(-pid, 'SIGINT');
  await delay(50);
  process.kill(pid, 'SIGINT');

  expect(await command.ended()).toBe(7);
  expect(command.output()).toContain('signals: SIGINT\n');
});

test('a second Ctrl-C, some time after the first, reaches the command too', async () => {
  const { command, pid } = await setup();

  process.kill(-pid, 'SIGINT');
  await delay(400);
  process.kill(-pid, 'SIGINT');

  expect(await command.ended()).toBe(7);
  expect(command.output()).toContain('signals: SIGINT,SIGINT\n');
});

test('a closed terminal ends the command in order', async () => {
  const { command, pid } = await setup();

  process.kill(-pid, 'SIGHUP');

  expect(await command.ended()).toBe(7);
  expect(command.output()).toContain('signals: SIGTERM\n');
});

test('a command whose bootstrap is killed ends in order', async () => {
  const { command, pid, scriptPid } = await setup();

  process.kill(-pid, 'SIGKILL');
  await command.ended();
  await waitFor(() => !isAlive(scriptPid));

  expect(command.output()).toContain('signals: SIGTERM\n');
});
