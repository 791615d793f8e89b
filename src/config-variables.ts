import { randomBytes } from 'node:crypto';
import { TRACING_VARIABLES } from './config-tracing.ts';
import type { EnvironmentReader } from './environment.ts';

/* What each variable may be, and its default. */

export const VARIABLES = [
  'DATABASE_URL',
  'QUEUE_URL',
  'PORT',
  'HOST',
  'JWT_SECRET',
  'JWT_JWKS_URL',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'ADMIN_USER',
  'ADMIN_PASSWORD',
  'LANES',
  'READ_AHEAD',
  'BACKLOG_LIMIT',
  'LANE_BACKLOG_LIMIT',
  'ALLOW_VOLATILE_QUEUE',
  'ACKNOWLEDGED_REPLICAS',
  'LOG_LEVEL',
  ...TRACING_VARIABLES,
];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How access tokens are checked. */
export interface TokenConfig {
  readonly key: { readonly secret: string } | { readonly jwksUrl: string };
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

export interface AdminConfig {
  readonly user: string;
  readonly password: string;
}

/** Enough to keep the cores of a few machines busy; an idle lane costs little. */
export const DEFAULT_LANES = 16;
/** Each lane of the embedded store keeps a connection to PostgreSQL. */
export const DEFAULT_EMBEDDED_LANES = 4;
const MOST_LANES = 1024;
/** There each keeps one of the 40 connections of a process, and some must be left to work with. */
const MOST_POSTGRES_LANES = 32;

/** More makes a unit of work hardly cheaper, and its failure dearer. */
const DEFAULT_READ_AHEAD = 128;
/** PostgreSQL takes 65,535 parameters in one statement. */
const MOST_READ_AHEAD = 1000;

/** As long as HS256's digest (RFC 7518, 3.2). */
const SHORTEST_SECRET_BYTES = 32;

const POSTGRES = {
  schemes: ['postgres', 'postgresql'],
  example: 'postgres://user:password@host:5432/database',
};
const QUEUE = {
  schemes: ['redis', 'rediss', 'redis+cluster', 'postgres', 'postgresql'],
  example:
    'redis://host:6379, rediss://host:6379, redis+cluster://host:port,host:port or postgres://host/database',
};
const JWKS = { schemes: ['https', 'http'], example: 'https://issuer.example/.well-known/jwks.json' };

export function logLevel(reader: EnvironmentReader, fallback: LogLevel = 'info'): LogLevel {
  return reader.oneOf('LOG_LEVEL', LOG_LEVELS, fallback);
}

/** Undefined where it is not set. */
export function optionalStores(reader: EnvironmentReader) {
  return { databaseUrl: reader.url('DATABASE_URL', POSTGRES), queueUrl: reader.url('QUEUE_URL', QUEUE) };
}

export function stores(reader: EnvironmentReader) {
  const { databaseUrl, queueUrl } = optionalStores(reader);
  const required = reader.required('DATABASE_URL', `a URL like ${POSTGRES.example}`, databaseUrl);
  return { databaseUrl: required, queueUrl: queueUrl ?? required };
}

export function listening(reader: EnvironmentReader) {
  return {
    port: reader.integer('PORT', 0, 65_535, 3000),
    host: reader.text('HOST') ?? '127.0.0.1',
  };
}

export function lanes(reader: EnvironmentReader, fallback: number): number {
  const lanes = reader.integer('LANES', 1, MOST_LANES, fallback);
  if (lanes > MOST_POSTGRES_LANES && !reader.text('QUEUE_URL')?.startsWith('redis')) {
    reader.mistake(
      'LANES',
      `must be at most ${MOST_POSTGRES_LANES} where PostgreSQL is the queue store; set QUEUE_URL to a Redis for more`,
    );
  }
  return lanes;
}

export function readAhead(reader: EnvironmentReader): number {
  return reader.integer('READ_AHEAD', 1, MOST_READ_AHEAD, DEFAULT_READ_AHEAD);
}

/** @param secret used where neither a secret nor a JWKS URL is set; without it, one of them must be */
export function tokens(reader: EnvironmentReader, secret?: string): TokenConfig {
  const jwksUrl = reader.url('JWT_JWKS_URL', JWKS);
  const hasJwks = reader.text('JWT_JWKS_URL') !== undefined;
  const given = jwtSecret(reader);
  if (hasJwks && given !== undefined) {
    reader.mistake('JWT_SECRET', 'and JWT_JWKS_URL exclude each other; unset one of them');
  }
  const usable = given ?? (hasJwks ? '' : secret);
  const expected = `at least ${SHORTEST_SECRET_BYTES} bytes; or set JWT_JWKS_URL`;
  return {
    key: jwksUrl === undefined ? { secret: reader.required('JWT_SECRET', expected, usable) } : { jwksUrl },
    issuer: reader.text('JWT_ISSUER'),
    audience: reader.text('JWT_AUDIENCE'),
  };
}

function jwtSecret(reader: EnvironmentReader): string | undefined {
  const secret = reader.text('JWT_SECRET');
  const bytes = Buffer.byteLength(secret ?? '');
  if (secret !== undefined && bytes < SHORTEST_SECRET_BYTES) {
    reader.mistake('JWT_SECRET', `must have at least ${SHORTEST_SECRET_BYTES} bytes, not ${bytes}`);
  }
  return secret;
}

/** Undefined without a password. */
export function admin(reader: EnvironmentReader): AdminConfig | undefined {
  const user = adminUser(reader);
  const password = reader.text('ADMIN_PASSWORD');
  return password === undefined ? undefined : { user, password };
}

export function adminUser(reader: EnvironmentReader): string {
  const user = reader.text('ADMIN_USER') ?? 'admin';
  if (user.includes(':'))
    reader.mistake('ADMIN_USER', `must not hold a colon, as ${JSON.stringify(user)} does`);
  return user;
}

/** A secret that nobody has to think of. */
export function makeSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
