import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface ProductProcess {
  readonly child: ChildProcess;
  /** Its exit code, once it has ended; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** Its log so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line of its log, from the start on, that `matches`. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Sends a signal and resolves when the process has ended. @returns its exit code; null when it was killed */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ProductOptions {
  readonly folder?: string;
  readonly args?: readonly string[];
  /** Another program that runs a role. */
  readonly script?: string;
}

/** One role of the product as a process of its own, as `npm run worker` starts it; in `folder`, and by another `script`, if given. */
export function startProduct(
  role: string,
  environment: Record<string, string>,
  { folder, args = [], script = 'src/main.ts' }: ProductOptions = {},
): ProductProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [path.resolve(script), role, ...args], {
    cwd: folder,
    // Many workers run on this machine: none gets a port that it was not given.
    env: { PATH, NODE_COMPILE_CACHE, METRICS_PORT: 'off', RATE_LIMIT: 'off', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }

  return {
    child,
    ended,
    lines,
    line(matches) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const found = lines.find(matches);
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`the ${role} ended without the line; its log:\n${lines.join('\n')}`)),
      );
      return promise.finally(() => waiting.delete(look));
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
