/** How much is measured. */
export interface Scale {
  /** How often each drain is measured; the peers take turns. */
  readonly rounds: number;
  /** Submissions in the queue that is drained. */
  readonly drainOf: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Length of each measurement of adds. */
  readonly addMs: number;
  /** Submissions whose order is checked, at least. */
  readonly orderOf: number;
  /** A faster peer gets more of them, for so many seconds of its own speed: a kill halfway must find it at work. */
  readonly orderSeconds: number;
  /** Without a new issue for so long, nothing more is waited for. */
  readonly quietMs: number;
}

export const FULL: Scale = {
  rounds: 3,
  drainOf: 12_000,
  warmUpMs: 500,
  windowMs: 3000,
  addMs: 2000,
  orderOf: 2000,
  orderSeconds: 4,
  quietMs: 60_000,
};

/** To see that everything works; not for quoting. */
export const QUICK: Scale = {
  rounds: 1,
  drainOf: 6000,
  warmUpMs: 200,
  windowMs: 1500,
  addMs: 600,
  orderOf: 800,
  orderSeconds: 2,
  quietMs: 20_000,
};
