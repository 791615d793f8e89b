/** What must hold among the rows of the database; `sql` selects those that break it. */
export interface Rule {
  /** Stable, for programs. */
  readonly name: string;
  /** What should be so. */
  readonly title: string;
  readonly sql: string;
}
