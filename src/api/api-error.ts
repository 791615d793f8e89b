import { IntakeError } from '../errors.ts';

/** One wrong field: where it is, and what it should be. */
export interface FieldError {
  /** JSON pointer (RFC 6901) into the body, or into the query string of a request without a body. */
  readonly pointer: string;
  readonly detail: string;
}

/** A failure that only HTTP knows: it may carry headers, and members of its own in the problem document. */
export abstract class ApiError extends IntakeError {
  get headers(): Readonly<Record<string, string>> {
    return NONE;
  }

  get members(): Readonly<Record<string, unknown>> {
    return NONE;
  }
}

/** What an error says each time. */
export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** One whose words are fixed, whatever the request. */
export abstract class FixedError extends ApiError {
  override readonly code: string;
  override readonly status: number;
  override readonly title: string;

  constructor({ code, status, title, detail }: Refusal, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.status = status;
    this.title = title;
  }
}

const NONE = {};
