import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Value } from 'typebox/value';
import type { Child } from '../system/child.ts';
import { FromGenerator, type Load, type StreamResult } from './messages.ts';

const PROGRAM = path.join(import.meta.dirname, 'generator.ts');

/**
 * Runs one phase of load in a process of its own.
 *
 * @param processes those under test
 * @param onMeasuring called when the warm-up is over
 * @throws when an answer was wrong, or the news of outcomes did not arrive
 */
export async function generate(
  load: Load,
  processes: readonly Child[],
  onMeasuring: () => void = () => {},
): Promise<StreamResult[]> {
  const child = fork(PROGRAM, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  try {
    child.send(load);
    return await Promise.race([result(child, onMeasuring), exit.then(() => fail('has ended'))]);
  } catch (error) {
    // A process under test that has ended says more about it.
    for (const each of processes) each.expectAlive();
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    await exit;
  }
}

function result(child: ChildProcess, onMeasuring: () => void): Promise<StreamResult[]> {
  return new Promise((resolve, reject) => {
    child.on('message', value => {
      const message = Value.Parse(FromGenerator, value);
      if (message.kind === 'measuring') onMeasuring();
      else if (message.kind === 'done') resolve(message.streams);
      else reject(new Error(`the load generator: ${message.message}`));
    });
  });
}

function fail(what: string): never {
  throw new Error(`the load generator ${what}`);
}
