/**
 * An error whose message may be shown to the person who caused it. Anything
 * else leaves the service as a bare 500 and is logged in full.
 */
export abstract class IntakeError extends Error {
  /** Stable, for programs. */
  abstract readonly code: string;
  /** The HTTP status. */
  abstract readonly status: number;
  /** The same for every error of this code. */
  abstract readonly title: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The queue store did not take or give what was asked in time. Nothing is known to be accepted. */
export class QueueUnavailableError extends IntakeError {
  override readonly code = 'queue_unavailable';
  override readonly status = 503;
  override readonly title = 'The queue cannot be reached';

  constructor(options?: ErrorOptions) {
    super('the queue store did not answer; send the request again, with the same Idempotency-Key', options);
  }
}

/** PostgreSQL did not answer a read. Submissions are still accepted. */
export class DatabaseUnavailableError extends IntakeError {
  override readonly code = 'database_unavailable';
  override readonly status = 503;
  override readonly title = 'The database cannot be reached';

  constructor(options?: ErrorOptions) {
    super('the database did not answer; try again', options);
  }
}

/** The process must not run as it is set up. Waiting would not help. */
export class CannotRunError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isOfCertificate(error) ? `${CERTIFICATE_ADVICE} (${error.message})` : error.message;
}

/** Node's own message advises what is of no use to a service. */
const CERTIFICATE_ADVICE =
  'the server’s TLS certificate is not trusted; check its name and dates, and name its CA in ' +
  'sslrootcert=… of the URL (PostgreSQL) or in NODE_EXTRA_CA_CERTS (Redis)';

const CERTIFICATE_CODES = /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(GET|VERIFY|DECRYPT)_|ERR_TLS_CERT_)/;

function isOfCertificate(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && CERTIFICATE_CODES.test(error.code);
}
