import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, it } from 'vitest';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { makeTempFolder, removeTempFolder } from './support/temp-folder.ts';
import { waitFor } from './support/wait-for.ts';

const run = promisify(execFile);

let folder: string;
const started: ProductProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(product => product.end('SIGTERM')));
  await removeTempFolder(folder);
});

/** Starts everything as `npm start` does, with its data in a folder of the test's own. */
async function start(): Promise<ProductProcess> {
  const product = startProduct('start', { PORT: '0', NODE_ENV: 'production' }, { folder });
  started.push(product);
  return product;
}

it('applies the issue of the printed command, and keeps it when it is stopped or killed', async () => {
  folder = await makeTempFolder('start');
  const numbers: number[] = [];

  for (const signal of ['SIGINT', 'SIGKILL', 'SIGTERM'] as const) {
    const product = await start();
    const command = await printedCommand(product);
    numbers.push(await waitFor(() => numberOfIssue(command)));
    expect(await product.end(signal)).toBe(signal === 'SIGKILL' ? null : 0);
  }

  expect(numbers[0]).toBe(1);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(3);
});

it('says in one line that its data is in use, and logs what it does by the id of the request', async () => {
  folder = await makeTempFolder('start');
  const first = await start();
  const command = await printedCommand(first);

  const second = await start();
  await run('bash', ['-c', command.replace('/raise -H', "/raise -H 'x-request-id: from-a-test' -H")]);

  const inUse = await second.line(text => text.includes('in use'));
  expect(inUse).toContain(String(first.child.pid));
  expect(second.lines.filter(text => !text.startsWith('{'))).toEqual([inUse]);
  const applied = await first.line(text => text.includes('"applied"'));
  expect(JSON.parse(applied)).toMatchObject({ requestId: 'from-a-test', userId: 'alice' });
  expect(first.lines.filter(text => text.startsWith('{')).join('\n')).not.toContain('The tap drips');
});

/** The lines to paste that the start prints, once it has. */
async function printedCommand(product: ProductProcess): Promise<string> {
  const last = await product.line(
    text => text.includes('content-type: application/json') && text.includes('title'),
  );
  const from = product.lines.findIndex(text => text.includes('TOKEN=$(curl'));
  return product.lines.slice(from, product.lines.indexOf(last) + 1).join('\n');
}

const Completed = Type.Object({
  status: Type.Literal('completed'),
  issue: Type.Object({ number: Type.Integer() }),
});

/** Pastes the command. Undefined for a 503, as a machine that does much else at once may answer. */
async function numberOfIssue(command: string): Promise<number | undefined> {
  const { stdout } = await run('bash', ['-c', command]);
  const answer: unknown = JSON.parse(stdout);
  return Value.Check(Type.Object({ status: Type.Literal(503) }), answer)
    ? undefined
    : Value.Parse(Completed, answer).issue.number;
}
