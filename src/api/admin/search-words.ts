import { keyedSubmissionId } from '../idempotency-key.ts';

/*
 * One box takes it all: what was typed may be a user, a submission, a key, a user
 * and a key, or an organization. User ids are any text, so nothing is ruled out.
 */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_SPLITS = 8;

/** What a text may mean. */
export interface Meanings {
  readonly text: string;
  /** Submissions that the text names: by id, or by a user and a key with a space between them. */
  readonly ids: readonly string[];
  /** Whether a submission of this user may have the text as its Idempotency-Key. */
  isKeyOf(userId: string, id: string): boolean;
}

export function meaningsOf(text: string): Meanings {
  const id = UUID.test(text) ? [text.toLowerCase()] : [];
  return {
    text,
    ids: [...id, ...userAndKey(text).map(([user, key]) => keyedSubmissionId(user, key))],
    isKeyOf: (userId, submissionId) => keyedSubmissionId(userId, text) === submissionId,
  };
}

/** Both may hold spaces: each way to split is one that it may be. */
function userAndKey(text: string): [string, string][] {
  return [...text.matchAll(/ +/g)]
    .slice(0, MOST_SPLITS)
    .map(({ index, 0: gap }) => [text.slice(0, index), text.slice(index + gap.length)]);
}
