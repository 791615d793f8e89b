import { Type } from 'typebox';

/*
 * What the orchestrator asks of the load generator, which is a process of its
 * own, and what it answers.
 */

const Target = Type.Object({
  port: Type.Integer(),
  secret: Type.String(),
  /** Requests in flight at once; one more waits, and its wait counts. */
  connections: Type.Integer(),
});
export type Target = Type.Static<typeof Target>;

/** Where outcomes are heard of; without it, only answers are waited for. */
const News = Type.Object({ queueUrl: Type.String() });

const Phase = Type.Object({
  target: Target,
  warmUpSeconds: Type.Number(),
  seconds: Type.Number(),
  news: Type.Optional(News),
});
export type Phase = Type.Static<typeof Phase>;

/** Requests of a group of users. */
export const Stream = Type.Object({
  name: Type.String(),
  /** Requests a second, evenly spaced. */
  rate: Type.Number(),
  users: Type.Integer(),
  /** Users are numbered from here. */
  firstUser: Type.Integer(),
  /** Whether 429 is an answer as good as 202. */
  mayBeLimited: Type.Boolean(),
});
export type Stream = Type.Static<typeof Stream>;

/** As fast as `inFlight` senders can, each of which waits for its answer (and outcome) before the next. */
export const ClosedLoop = Type.Intersect([
  Phase,
  Type.Object({ kind: Type.Literal('closed'), users: Type.Integer(), inFlight: Type.Integer() }),
]);
export type ClosedLoop = Type.Static<typeof ClosedLoop>;

/** Requests when they are due, whatever became of those before. */
export const OpenLoop = Type.Intersect([
  Phase,
  Type.Object({ kind: Type.Literal('open'), streams: Type.Array(Stream) }),
]);
export type OpenLoop = Type.Static<typeof OpenLoop>;

export const Load = Type.Union([ClosedLoop, OpenLoop]);
export type Load = Type.Static<typeof Load>;

/** Milliseconds. */
const Latency = Type.Object({
  p50: Type.Number(),
  p95: Type.Number(),
  p99: Type.Number(),
  max: Type.Number(),
});
export type Latency = Type.Static<typeof Latency>;

export const StreamResult = Type.Object({
  name: Type.String(),
  /** Counted while measuring: outcomes where those are waited for, else answers. */
  perSecond: Type.Number(),
  /** Of the whole phase with its warm-up. */
  accepted: Type.Integer(),
  limited: Type.Integer(),
  /** From when the request was due. */
  answer: Latency,
  outcome: Type.Optional(Latency),
  /** Outcomes that were never heard of: the news may be lost. */
  unheard: Type.Integer(),
});
export type StreamResult = Type.Static<typeof StreamResult>;

export const FromGenerator = Type.Union([
  Type.Object({ kind: Type.Literal('measuring') }),
  Type.Object({ kind: Type.Literal('done'), streams: Type.Array(StreamResult) }),
  Type.Object({ kind: Type.Literal('failed'), message: Type.String() }),
]);
export type FromGenerator = Type.Static<typeof FromGenerator>;
