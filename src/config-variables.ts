import { randomBytes } from 'node:crypto';
import { TRACING_VARIABLES } from './config-tracing.ts';
import type { EnvironmentReader } from './environment.ts';
import { MOST_LANES } from './lanes.ts';
import { fileVariable, SECRETS } from './secret-files.ts';

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
  'ADMIN_SHOW_CONTENT',
  'ADMIN_ACTIONS',
  'LANES',
  'READ_AHEAD',
  'BACKLOG_LIMIT',
  'LANE_BACKLOG_LIMIT',
  'ALLOW_VOLATILE_QUEUE',
  'ACKNOWLEDGED_REPLICAS',
  'METRICS_PORT',
  'METRICS_HOST',
  'RATE_LIMIT',
  'TRUST_PROXY',
  'CORS_ORIGINS',
  'LOG_LEVEL',
  'WEBHOOK_RETRY_AFTER',
  'WEBHOOK_ALLOW_PRIVATE',
  ...SECRETS.map(fileVariable),
  ...TRACING_VARIABLES,
];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Enough to keep the cores of a few machines busy; an idle lane costs little. */
export const DEFAULT_LANES = 16;
/** Each lane of the embedded store keeps a connection to PostgreSQL. */
export const DEFAULT_EMBEDDED_LANES = 4;
/** There each keeps one of the 40 connections of a process, and some must be left to work with. */
const MOST_POSTGRES_LANES = 32;

/** More makes a unit of work hardly cheaper, and its failure dearer. */
const DEFAULT_READ_AHEAD = 128;
/** PostgreSQL takes 65,535 parameters in one statement. */
const MOST_READ_AHEAD = 1000;

const POSTGRES = {
  schemes: ['postgres', 'postgresql'],
  example: 'postgres://user:password@host:5432/database',
};
const QUEUE = {
  schemes: ['redis', 'rediss', 'redis+cluster', 'postgres', 'postgresql'],
  example:
    'redis://host:6379, rediss://host:6379, redis+cluster://host:port,host:port or postgres://host/database',
};
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
    host: host(reader),
  };
}

export function host(reader: EnvironmentReader): string {
  return reader.text('HOST') ?? '127.0.0.1';
}

export function lanes(reader: EnvironmentReader, fallback: number): number {
  const lanes = reader.integer('LANES', 1, MOST_LANES, fallback);
  checkLanes(reader, 'LANES', lanes);
  return lanes;
}

/** Notes a mistake, under a name, if the queue store cannot have so many. */
export function checkLanes(reader: EnvironmentReader, name: string, lanes: number): void {
  if (lanes > MOST_POSTGRES_LANES && !reader.text('QUEUE_URL')?.startsWith('redis')) {
    reader.mistake(
      name,
      `must be at most ${MOST_POSTGRES_LANES} where PostgreSQL is the queue store; set QUEUE_URL to a Redis for more`,
    );
  }
}

export function readAhead(reader: EnvironmentReader): number {
  return reader.integer('READ_AHEAD', 1, MOST_READ_AHEAD, DEFAULT_READ_AHEAD);
}

/** A secret that nobody has to think of. */
export function makeSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
