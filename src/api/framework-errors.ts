import type { FastifyError } from 'fastify';
import { type ApiError, FixedError, type Refusal } from './api-error.ts';

/** A request that Fastify or Node refused before any code of ours saw it. */
export class FrameworkRequestError extends FixedError {}

/** By Fastify's own code. Its messages are not passed on: some repeat what the client sent. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  [
    'FST_ERR_CTP_BODY_TOO_LARGE',
    {
      code: 'body_too_large',
      status: 413,
      title: 'The body is too large',
      detail: 'the body may have up to 64 KiB',
    },
  ],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    {
      code: 'unsupported_media_type',
      status: 415,
      title: 'The body is of a type that is not taken here',
      detail: 'send JSON, with the header Content-Type: application/json',
    },
  ],
  [
    'FST_ERR_BAD_URL',
    {
      code: 'url_malformed',
      status: 400,
      title: 'The address is malformed',
      detail:
        'the address holds a percent sign that two hexadecimal digits do not follow, or bytes that are not UTF-8',
    },
  ],
  [
    'FST_ERR_MAX_PARAM_LENGTH',
    {
      code: 'url_too_long',
      status: 414,
      title: 'The address is too long',
      detail: 'a part of the address is longer than 100 characters',
    },
  ],
  [
    'FST_BASIC_AUTH_MISSING_OR_BAD_AUTHORIZATION_HEADER',
    {
      code: 'admin_credentials_missing',
      status: 401,
      title: 'User and password are needed',
      detail: 'send user and password by HTTP basic authentication',
    },
  ],
]);

/** What to tell the client of an error of Fastify's; undefined when it is not the client's doing. */
export function describeFrameworkError(error: FastifyError): ApiError | undefined {
  const refusal = REFUSALS.get(error.code);
  if (refusal !== undefined) return new FrameworkRequestError(refusal);
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return new FrameworkRequestError({
    code: 'bad_request',
    status,
    title: 'The request cannot be read',
    detail: 'the request is cut short or contradicts its own headers',
  });
}
