import { ApiError, type FieldError } from './api-error.ts';

/*
 * What can be wrong with a request before anything is asked of queue or database.
 */

export class BodyNotJsonError extends ApiError {
  override readonly code = 'body_not_json';
  override readonly status = 400;
  override readonly title = 'The body is not JSON';
}

export class BodyNotUtf8Error extends ApiError {
  override readonly code = 'body_not_utf8';
  override readonly status = 400;
  override readonly title = 'The body is not UTF-8';

  constructor() {
    super('the body holds bytes that are not UTF-8; send JSON in UTF-8');
  }
}

abstract class FieldsError extends ApiError {
  readonly errors: readonly FieldError[];

  constructor(message: string, errors: readonly FieldError[]) {
    super(message);
    this.errors = errors;
  }

  override get members() {
    return { errors: this.errors };
  }
}

/** Characters that JSON allows and PostgreSQL cannot store: U+0000 and lone surrogates. */
export class TextNotStorableError extends FieldsError {
  override readonly code = 'text_not_storable';
  override readonly status = 400;
  override readonly title = 'A text holds characters that cannot be stored';
}

export class ValidationError extends FieldsError {
  override readonly code = 'validation_failed';
  override readonly status = 400;
  override readonly title = 'The request is not valid';
}

export class IdempotencyKeyInvalidError extends ApiError {
  override readonly code = 'idempotency_key_invalid';
  override readonly status = 400;
  override readonly title = 'The Idempotency-Key is not valid';

  constructor() {
    super(
      'Idempotency-Key must be sent once, with 1 to 255 printable ASCII characters, bare or as a quoted string',
    );
  }
}

export class IdempotencyKeyReusedError extends ApiError {
  override readonly code = 'idempotency_key_reused';
  override readonly status = 422;
  override readonly title = 'The Idempotency-Key was used for another request';

  constructor() {
    super('this Idempotency-Key came with another body before; use a new key for a new issue');
  }
}

export class SubmissionNotFoundError extends ApiError {
  override readonly code = 'submission_not_found';
  override readonly status = 404;
  override readonly title = 'There is no such submission';

  constructor() {
    super('you have no submission with this id');
  }
}

export class NotFoundError extends ApiError {
  override readonly code = 'not_found';
  override readonly status = 404;
  override readonly title = 'There is nothing at this address';

  constructor() {
    super('there is nothing at this address; /openapi.json lists what there is');
  }
}

export class MethodNotAllowedError extends ApiError {
  override readonly code = 'method_not_allowed';
  override readonly status = 405;
  override readonly title = 'This address does not take this method';
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[]) {
    super(`this address takes ${allowed.join(', ')}`);
    this.allowed = allowed;
  }

  override get headers() {
    return { allow: this.allowed.join(', ') };
  }
}
