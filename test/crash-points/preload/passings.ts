import { die, passes, passOrDie } from './order-taker.ts';

/*
 * Which command of the product passes which point, whatever the stores: the
 * wrappers of the drivers translate what they see into these few commands.
 */

export type Kind =
  | 'begin'
  | 'write-customers'
  | 'write-issues'
  | 'commit'
  | 'rollback'
  | 'read-ahead'
  | 'finish'
  | 'news'
  | 'wait'
  | 'add';

export interface Command {
  readonly kind: Kind;
  /** The lane's queue, of a command to a lane. */
  readonly lane?: string;
}

/** What this process has done on a lane since it last read ahead there: that begins a batch. */
interface Batch {
  sent: number;
  unanswered: number;
}

const batches = new Map<string, Batch>();

/** Set when the process is to die as soon as what it has sent of this batch is answered. */
let lastBatch: Batch | undefined;

/**
 * Told of each command before it is sent.
 *
 * @returns false when nothing is to be sent any more, because the process is about to die
 */
export function maySend({ kind, lane = '' }: Command): boolean {
  if (isDying()) return false;
  if (kind === 'begin') passOrDie('before-begin');
  if (kind === 'commit') passOrDie('before-commit');
  if (kind === 'add') passOrDie('before-add');
  if (kind === 'read-ahead') batches.set(lane, { sent: 0, unanswered: 0 });
  if (kind === 'finish') return mayFinish(batchOf(lane));
  return true;
}

export function isDying(): boolean {
  return lastBatch !== undefined;
}

/** @param flush hands to the system what the process still holds back */
export function wasSent({ kind }: Command, flush: () => void): void {
  const point =
    kind === 'commit'
      ? 'after-commit-sent'
      : kind === 'news'
        ? 'news-sent'
        : kind === 'add'
          ? 'after-add-sent'
          : undefined;
  if (point === undefined || !passes(point)) return;
  flush();
  die();
}

export function wasAnswered({ kind, lane = '' }: Command): void {
  if (kind === 'begin') passOrDie('after-begin');
  if (kind === 'write-customers') passOrDie('in-the-flush');
  if (kind === 'write-issues') passOrDie('after-flush');
  if (kind === 'commit') passOrDie('after-commit');
  if (kind === 'add') passOrDie('after-add');
  if (kind === 'wait') passOrDie('waiting');
  if (kind === 'finish') finished(batchOf(lane));
}

/** Answered with an error: it was not carried out. */
export function wasRefused({ kind, lane = '' }: Command): void {
  if (kind !== 'finish') return;
  const batch = batchOf(lane);
  batch.unanswered--;
  batch.sent--;
  if (batch === lastBatch && batch.unanswered === 0) die();
}

/** The unit of work of a whole batch, refused for its data, was rolled back. */
export function willHalve(): void {
  passOrDie('halving');
}

/**
 * A batch is finished by commands that are sent together. To die between two of
 * them, this one and those behind it are never sent, and the process dies when
 * the store has answered those before.
 */
function mayFinish(batch: Batch): boolean {
  if (batch.sent === 0) passOrDie('before-finish');
  else if (passes('between-followers')) {
    lastBatch = batch;
    if (batch.unanswered === 0) die();
    return false;
  }
  batch.sent++;
  batch.unanswered++;
  return true;
}

function finished(batch: Batch): void {
  batch.unanswered--;
  if (batch.unanswered > 0) return;
  if (batch === lastBatch) die();
  // A refused one in the middle is sent by itself: whether this was the last shows in a moment.
  const { sent } = batch;
  setImmediate(() => {
    if (batch.sent === sent) passOrDie('after-last');
  });
}

function batchOf(lane: string): Batch {
  const batch = batches.get(lane) ?? { sent: 0, unanswered: 0 };
  batches.set(lane, batch);
  return batch;
}
