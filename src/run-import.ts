import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { patiently } from './audit/patiently.ts';
import { openSettings, readRecords } from './epoch-records.ts';
import { liveEpochs, standingOf } from './epochs.ts';
import { CannotRunError, messageOf } from './errors.ts';
import { importAll } from './import/import.ts';
import { findSchema } from './import/old-schema.ts';
import { Report } from './import/report.ts';
import { openSource, type Source } from './import/source.ts';
import { SourceError } from './import/source-error.ts';
import { summaryJson, summaryText } from './import/summary.ts';
import { Tally } from './import/tally.ts';
import type { ReadEpochs } from './import/write-rows.ts';
import type { ImportArguments } from './import-arguments.ts';
import { Progress } from './progress.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';

export interface ImportRoleOptions extends ImportArguments {
  readonly queueUrl: string;
  readonly orm: MikroORM;
  /** What a queue store that nobody has used is taken to have. */
  readonly lanes: number;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/**
 * Brings the old CRM's users and organizations in, and says what was repaired.
 *
 * @throws SourceError, CannotRunError
 */
export async function runImport(options: ImportRoleOptions): Promise<void> {
  const { from, orm, shutdown, json, dryRun } = options;
  const source = await openSource(from);
  shutdown.add(() => source.close());
  try {
    await checkMigrated(orm);
    const beganAt = performance.now();
    const { tally, report } = await importFrom(source, options);
    const summary = {
      dryRun,
      from: source.name,
      tally,
      report,
      tookMs: Math.round(performance.now() - beganAt),
    };
    process.stdout.write(json ? summaryJson(summary) : summaryText(summary));
  } catch (error) {
    throw error instanceof SourceError || error instanceof CannotRunError ? error : new StoppedError(error);
  }
}

async function importFrom(source: Source, { tables, report: path, ...options }: ImportRoleOptions) {
  const epochs = options.dryRun ? async () => [] : await followEpochs(options);
  const old = { source, schema: await findSchema(source, tables) };
  const tally = new Tally();
  const report = new Report(path);
  let bar: Progress | undefined;
  const progress = {
    total: (count: number) => {
      bar = new Progress(count, process.stderr);
    },
    step: (count: number) => bar?.step(count),
  };
  await importAll({ ...options, epochs, old, report, tally, progress });
  report.finish();
  return { tally, report };
}

/** How to read which epochs are not over. */
async function followEpochs(
  options: Pick<ImportRoleOptions, 'queueUrl' | 'lanes' | 'log' | 'shutdown'>,
): Promise<ReadEpochs> {
  const { queueUrl, lanes, log, shutdown } = options;
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const settings = await patiently(() => openSettings(store));
  return () =>
    patiently(async () => {
      const standing = standingOf(await readRecords(settings));
      return standing === undefined ? [{ number: 1, lanes }] : liveEpochs(standing);
    });
}

/** The database refused something, or went away. What it says of a statement may hold rows: only its own words are passed on. */
class StoppedError extends CannotRunError {
  constructor(error: unknown) {
    const reason = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
    super(`stopped: ${reason}; what is done is done, run it again to go on`, { cause: error });
  }
}

async function checkMigrated(orm: MikroORM): Promise<void> {
  const [row] = await orm.em
    .fork()
    .execute<{ there: boolean }[]>(`select to_regclass('intake_migrations') is not null as there`);
  if (row?.there !== true)
    throw new CannotRunError('the database of DATABASE_URL is empty; run npm run migrate first');
}
