/** The lane is another process's by now, or may be: whoever has it applies what this process has not. */
export class LaneLostError extends Error {
  override readonly name = 'LaneLostError';
}
