import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import { gatherLines } from './gathering-log.ts';

/*
 * One line for each thing that happened: JSON for machines, words in a terminal.
 * No line holds a token, or what people write (titles, descriptions). The code
 * does not log them; this is the second lock on the same door.
 */

/** Members that are taken out wherever they stand in a line, down to the third level. */
const NEVER: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'title',
  'description',
  'email',
  'body',
  'data',
]);

/** Of an error only these: those of drivers carry rows and parameters as members. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

export interface LogOptions {
  readonly level: string;
  /** Words instead of JSON. */
  readonly pretty: boolean;
}

/** Whether lines are read by a person, who is at the terminal. */
export function isForPeople(
  environment: { readonly NODE_ENV?: string | undefined },
  isTerminal: boolean,
): boolean {
  return isTerminal && environment.NODE_ENV !== 'production';
}

/** Opens the log of the process, to its standard output unless there is another destination. */
export function openLog(options: LogOptions, destination?: DestinationStream): Logger {
  if (options.pretty)
    return pino(pinoOptions(options), pretty({ sync: true, ...(destination && { destination }) }));
  return pino(pinoOptions(options), destination ?? gatherLines(pino.destination({ sync: true })));
}

function pinoOptions({ level }: LogOptions): LoggerOptions {
  return {
    level,
    // The process's number and the machine's name are known to whoever collects the lines.
    base: null,
    // pino's own redaction by paths took a tenth of the API's time, line by line. Serializers also
    // see what a child log carries, but the top level only; the formatter sees the levels below.
    formatters: { level: label => ({ level: label }), log: line => withoutSecrets(line) },
    serializers: {
      ...Object.fromEntries([...NEVER].map(name => [name, () => TAKEN_OUT])),
      err: (error: unknown) => loggedError(error),
    },
  };
}

const TAKEN_OUT = '[redacted]';
const MOST_LEVELS = 3;

/** The same object when there is nothing to take out, as is usual. */
function withoutSecrets(line: Record<string, unknown>, levels = MOST_LEVELS): Record<string, unknown> {
  let safe = line;
  for (const [name, member] of Object.entries(line)) {
    const kept = NEVER.has(name)
      ? TAKEN_OUT
      : isRecord(member) && levels > 1
        ? withoutSecrets(member, levels - 1)
        : member;
    if (kept === member) continue;
    if (safe === line) safe = { ...line };
    safe[name] = kept;
  }
  return safe;
}

/** Errors are written by a rule of their own. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

const MOST_CAUSES = 4;

function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth === MOST_CAUSES
      ? {}
      : { cause: loggedError(error.cause, depth + 1) }),
  };
}
