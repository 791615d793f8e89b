import type { Writable } from 'node:stream';
import { type Audit, audit } from './audit/audit.ts';
import { auditTable, wrongIn } from './audit/audit-table.ts';
import { type CommandOptions, parseCommandLine, USAGE, UsageError } from './audit/options.ts';
import type { AuditConfig } from './config-audit.ts';
import { openDatabase } from './database.ts';
import { messageOf } from './errors.ts';
import { openLog } from './log.ts';
import { openQueueStore } from './queue-store.ts';
import { untilAnswers } from './until-answers.ts';
import { within } from './within.ts';

/** Not for ever, as a role that runs does: somebody waits for the answer. */
const STORE_ANSWERS_WITHIN_MS = 10_000;

/** A store that is away need not be told. */
const CLOSES_WITHIN_MS = 1000;

/** Workers confirm every 5 s what order rests on; see `EpochFollower`. */
const LOOK_AGAIN_AFTER_MS = 6000;

export interface Output {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Exit codes: all is well, something is wrong, nobody could look. */
export type AuditExit = 0 | 1 | 2;

/** Checks the invariants of a system at work, and prints what is wrong. Never throws. */
export async function runAudit(
  config: AuditConfig,
  args: readonly string[],
  { stdout, stderr }: Output,
): Promise<AuditExit> {
  try {
    const options = parseCommandLine(args);
    const found = await auditStores(config, options, stderr);
    stdout.write(options.json ? `${JSON.stringify(found)}\n` : auditTable(found));
    return wrongIn(found) === 0 ? 0 : 1;
  } catch (error) {
    stderr.write(`issue-intake audit: ${messageOf(error)}\n`);
    if (error instanceof UsageError) stderr.write(`${USAGE}\n`);
    return 2;
  }
}

async function auditStores(config: AuditConfig, options: CommandOptions, stderr: Writable): Promise<Audit> {
  const { databaseUrl, queueUrl, lanes, logLevel } = config;
  const log = openLog({ level: logLevel, pretty: false }, stderr);
  // One connection, and statements that take as long as the tables are large.
  const orm = openDatabase(databaseUrl, { poolSize: 1, statementTimeoutMs: 0 });
  const store = openQueueStore({ url: queueUrl, role: 'producer', log });
  try {
    await within(
      STORE_ANSWERS_WITHIN_MS,
      untilAnswers('queue store', () => store.ping(), log),
    );
    return await audit({
      store,
      orm,
      lanes,
      clockSkewMs: options.clockSkewMs,
      againAfterMs: LOOK_AGAIN_AFTER_MS,
    });
  } finally {
    await within(CLOSES_WITHIN_MS, Promise.allSettled([store.close(), orm.close()])).catch(() => {});
  }
}
