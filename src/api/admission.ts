import { ApiError } from './api-error.ts';
import type { Backlog } from './backlog.ts';

/*
 * Whether one more submission may be put on its lane. Redis keeps what waits in
 * memory: it must not fill up, whatever the workers do. And one user's flood is
 * stopped by the limit of that user's lane, while the other lanes go on.
 */

export interface BacklogLimits {
  /** Most submissions that may wait, on all lanes and on each; Infinity for no limit. */
  readonly inAll: number;
  readonly perLane: number;
}

export interface Admission {
  /** @throws BacklogFullError */
  admit(userId: string): void;
  /** To be told of each submission of a user that has been accepted. */
  accepted(userId: string): void;
}

/** A backlog is worked off in seconds to minutes: coming again at once would only cost both sides. */
const RETRY_AFTER_SECONDS = '5';

/** As much waits as may wait. Nothing of the request has been kept. */
export class BacklogFullError extends ApiError {
  override readonly code = 'backlog_full';
  override readonly status = 503;
  override readonly title = 'Too many submissions wait';

  constructor() {
    super('too many submissions wait to be applied; send the request again later');
  }

  override get headers() {
    return { 'retry-after': RETRY_AFTER_SECONDS };
  }
}

export function limitBacklog(backlog: Backlog, limits: BacklogLimits): Admission {
  return {
    admit(userId) {
      if (backlog.of(userId) >= limits.perLane || backlog.inAll() >= limits.inAll)
        throw new BacklogFullError();
    },
    accepted: userId => backlog.added(userId),
  };
}
