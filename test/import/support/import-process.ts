import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setInterval } from 'node:timers';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

export interface ImportRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process had at once. */
  readonly peakMegabytes: number;
}

export interface ImportRunOptions {
  readonly databaseUrl: string;
  readonly lanes?: number;
  /** Kills the process, with SIGKILL, when it has written this much of a progress line. */
  readonly killAt?: RegExp;
}

const LOOK_EVERY_MS = 50;

/** `npm run import` as a process of its own. */
export async function runImport(
  args: readonly string[],
  { databaseUrl, lanes = 16, killAt }: ImportRunOptions,
): Promise<ImportRun> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, ['src/main.ts', 'import', ...args], {
    env: { PATH, NODE_COMPILE_CACHE, DATABASE_URL: databaseUrl, LANES: String(lanes) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peakMegabytes = 0;
  const look = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid ?? 0));
  }, LOOK_EVERY_MS);
  let seen = '';
  child.stderr.on('data', (piece: Buffer) => {
    seen += piece;
    if (killAt?.test(seen)) child.kill('SIGKILL');
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  clearInterval(look);
  return { code, stdout, stderr, peakMegabytes };
}

/** By Linux's own count; 0 elsewhere, or when the process is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const Rows = Type.Object({ added: Type.Integer(), there: Type.Integer() });
const Summary = Type.Object({
  dryRun: Type.Boolean(),
  rows: Type.Object({ organizations: Rows, users: Rows, profiles: Rows, customers: Rows }),
  findings: Type.Record(Type.String(), Type.Integer()),
  report: Type.String(),
  tookMs: Type.Integer(),
});

export function summaryOf({ stdout }: ImportRun) {
  return Value.Parse(Summary, JSON.parse(stdout));
}

/** A report's rows as `kind table id`. */
export function readReport(path: string): string[] {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\r\n');
  if (head !== 'deed,kind,table,row,user,what') throw new Error(`the report begins with ${head}`);
  return lines.map(line => line.split(',').slice(1, 4).join(' '));
}
