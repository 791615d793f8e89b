/** Every lane that there is takes nothing any more. */
export class LanesSealedError extends Error {
  override readonly name = 'LanesSealedError';
}
