import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatherLines } from '../src/gathering-log.ts';

const LOG = path.resolve(import.meta.dirname, '../src/log.ts');

/** The messages that a program leaves behind which opens the log and runs `code`. */
function messagesOf(code: string): string[] {
  const program = `import { openLog } from ${JSON.stringify(LOG)}; const log = openLog({ level: 'info', pretty: false }); ${code}`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => String(JSON.parse(line).msg));
}

test('the lines of a turn are written at once, in their order', async () => {
  const writes: string[] = [];
  const lines = gatherLines({ write: text => void writes.push(text) });

  lines.write('1\n');
  lines.write('2\n');
  expect(writes).toEqual([]);
  await turn();
  lines.write('3\n');
  await turn();

  expect(writes).toEqual(['1\n2\n', '3\n']);
});

test.each([
  ['ends', ''],
  ['is ended', 'process.exit(0);'],
  ['fails', "throw new Error('nobody caught it');"],
])('a process that %s has written all its lines', (_how, last) => {
  expect(messagesOf(`log.info('1'); log.info('2'); ${last}`)).toEqual(['1', '2']);
});
