/** The old database cannot be used as it is; the message is one line that says what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
