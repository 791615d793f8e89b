/** What one process counts of webhooks, from 0 at its start; and what it last saw that all have left to do. */
export class WebhookFigures {
  delivered = 0;
  /** Tries that failed. */
  failed = 0;
  /** Deliveries that are not tried again by themselves. */
  givenUp = 0;
  /** Undefined before the first look. */
  left: LeftToTell | undefined;
}

/** What is still to be told to active endpoints. */
export interface LeftToTell {
  readonly deliveries: number;
  /** How long ago the oldest of them was decided, in seconds; 0 without one. */
  readonly oldestSeconds: number;
}
