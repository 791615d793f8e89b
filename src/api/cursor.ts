import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ValidationError } from './request-errors.ts';

/*
 * A cursor says where the next page begins. To clients it is opaque: base64url
 * of JSON, whose shape is the list's own business.
 */

export const Cursor = Type.String({ maxLength: 8000, description: 'nextCursor of the page before' });

/** @returns functions to write and to read the cursors of one list */
export function cursorOf<Position extends TSchema>(position: Position) {
  const compiled = Compile(position);
  return {
    write: (value: Static<Position>): string => Buffer.from(JSON.stringify(value)).toString('base64url'),

    /** @throws ValidationError */
    read(cursor: string): Static<Position> {
      const value = parse(cursor);
      if (!compiled.Check(value)) throw invalid();
      return value;
    },
  };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
}

function invalid(): ValidationError {
  const detail = 'must be the nextCursor of a page of this list';
  return new ValidationError('a parameter is not as it should be', [{ pointer: '/cursor', detail }]);
}
