import { Type } from 'typebox';
import { AdminError, WEBHOOK_ENDPOINT_UNKNOWN } from './admin-errors.ts';

/** The parameter of an address. */
export const EndpointId = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** Nothing to say; that it is JSON keeps other sites' forms out. */
export const NothingToSay = Type.Object({}, { additionalProperties: false });

/** @throws AdminError if there is none, as of an endpoint that does not exist */
export function theOne<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new AdminError(WEBHOOK_ENDPOINT_UNKNOWN);
  return row;
}
