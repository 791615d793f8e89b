/*
 * The places at which a process kills itself. A point is passed again and
 * again; a run says at which passing.
 */

export const POINTS = [
  worker('before-begin', 'before BEGIN is sent', 3),
  worker('after-begin', 'BEGIN is answered', 3),
  worker('in-the-flush', 'users, profiles and customers are written, the issues are not', 3),
  worker('after-flush', 'the last insert is answered', 3),
  worker('before-commit', 'before COMMIT is sent', 3),
  worker('after-commit-sent', 'COMMIT is sent, its answer is not awaited', 3),
  worker('after-commit', 'COMMIT is answered', 3),
  worker('news-sent', 'the news of the outcomes is sent, no job is finished', 3),
  worker('before-finish', 'before the head of a batch is finished', 3),
  worker('between-followers', 'one follower is finished in the store, the next is not', 5),
  worker('after-last', 'the last of a batch is finished', 3),
  worker('halving', 'a batch with poison in it is rolled back, its half not begun', 1),
  worker('waiting', 'the lane waits in place for the database', 1),
  api('before-add', 'before the add is sent'),
  api('after-add-sent', 'the add is sent, its answer is not awaited'),
  api('after-add', 'the add is answered'),
  api('before-answer', 'before the client is answered'),
  api('after-answer', 'the client is answered'),
] as const;

export type Point = (typeof POINTS)[number];
export type PointName = Point['name'];

/**
 * @param place where it is, for people
 * @param most the latest passing that a run may choose: one that its load always reaches
 */
function worker<N extends string>(name: N, place: string, most: number) {
  return { name, role: 'worker', place, most } as const;
}

function api<N extends string>(name: N, place: string) {
  return { name, role: 'api', place, most: 12 } as const;
}

export function isPointName(text: string): text is PointName {
  return POINTS.some(({ name }) => name === text);
}
