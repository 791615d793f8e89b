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

const NONE = {};
