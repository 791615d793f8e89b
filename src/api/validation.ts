import type { FastifySchemaCompiler } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { FieldError } from './api-error.ts';
import { escapePointer } from './json-body.ts';
import { ValidationError } from './request-errors.ts';

/*
 * Requests are checked by TypeBox itself, against the schemas that also give the
 * types and the API's description. Bodies are taken as they are: a number is no
 * string. In a query string everything is text, so there "20" is a number; "1.5"
 * is no whole one, and is not made into one.
 */

const MOST_ERRORS = 16;

type Check = (value: unknown) => { value: unknown } | { error: Error };

export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }): Check => {
  // Routes read the few headers they know by themselves, with better messages; the schema is for readers.
  if (httpPart === 'headers') return value => ({ value });
  const compiled = Compile(schema);
  const read = httpPart === 'querystring' ? integerReader(schema) : asIs;
  const message =
    httpPart === 'body' ? 'the body is not as it should be' : 'a parameter is not as it should be';

  return raw => {
    const value = read(raw);
    if (compiled.Check(value)) return { value };
    return { error: new ValidationError(message, fieldErrors(compiled.Errors(value))) };
  };
};

function asIs(value: unknown): unknown {
  return value;
}

function integerReader(schema: TSchema): (value: unknown) => unknown {
  const properties = Type.IsObject(schema) ? Object.entries(schema.properties) : [];
  const names = properties.filter(([, property]) => Type.IsInteger(property)).map(([name]) => name);
  return value => {
    const query: Record<string, unknown> = { ...Object(value) };
    for (const name of names) {
      const text = query[name];
      if (typeof text === 'string' && /^\d{1,15}$/.test(text)) query[name] = Number(text);
    }
    return query;
  };
}

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

function fieldErrors(errors: readonly SchemaError[]): FieldError[] {
  return errors.flatMap(describe).slice(0, MOST_ERRORS);
}

function describe(error: SchemaError): FieldError[] {
  const { keyword, instancePath: pointer, params } = error;
  switch (keyword) {
    case 'required':
      return params.requiredProperties.map(name => ({
        pointer: `${pointer}/${escapePointer(name)}`,
        detail: 'is required',
      }));
    // The same as the next, once for all unknown fields together.
    case 'additionalProperties':
      return [];
    case 'boolean':
      return [{ pointer, detail: 'is not a known field' }];
    case 'enum':
      return [{ pointer, detail: `must be one of ${params.allowedValues.join(', ')}` }];
    case 'minLength':
      return [{ pointer, detail: params.limit === 1 ? 'must not be empty' : error.message }];
    case 'maxLength':
      return [{ pointer, detail: `must not have more than ${params.limit} characters` }];
    case 'format':
      return [{ pointer, detail: `must be a ${params.format}` }];
    default:
      return [{ pointer, detail: error.message }];
  }
}
