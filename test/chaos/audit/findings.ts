/** What can be wrong. */
export type FindingKind =
  /** Accepted, and neither an issue nor a refusal in force. */
  | 'lost'
  /** One submission with more than one end, or one content under two ids. */
  | 'doubled'
  /** In the database, and nobody was told so. */
  | 'unexplained'
  /** Applied before one that was accepted earlier. */
  | 'reordered'
  /** The content is not what was sent. */
  | 'altered'
  /** Profile or customer rows that break a rule. */
  | 'profile'
  | 'customer'
  /** The changes of a primary organization are not those that the user's issues made. */
  | 'trail'
  /** The refusals table and the lanes' failed jobs say different things. */
  | 'refusal'
  /** Something still waits, or is still being applied. */
  | 'not_quiet'
  /** A lane may run more than one job at once, or there is another number of lanes. */
  | 'lane'
  /** An answer outside 2xx, 4xx and 503 with `Retry-After`. */
  | 'answer';

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  readonly userId?: string;
  readonly submissionId?: string;
  readonly detail: string;
}

export interface AuditReport {
  readonly findings: readonly Finding[];
  /** How many of each there were to look at. */
  readonly counts: {
    readonly users: number;
    readonly accepted: number;
    readonly applied: number;
    readonly refused: number;
    readonly redriven: number;
    /** Accepted and lost by a FLUSHALL of the suite. */
    readonly lostByFlush: number;
    /** Nobody heard what became of them; and how many of these are there. */
    readonly unsettled: number;
    readonly unsettledThere: number;
  };
  /** The offending users' histories, to read; empty when nothing is wrong. */
  readonly histories: string;
}
