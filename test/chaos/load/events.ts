/** What a client saw of one request. */
export interface Seen {
  readonly at: number;
  readonly ms: number;
  readonly kind: 'raise' | 'read';
  readonly status: number | 'no answer';
  /** Whether the client had asked to wait for the end, or hung up by itself. */
  readonly how: 'plain' | 'waits' | 'hangs up';
}
