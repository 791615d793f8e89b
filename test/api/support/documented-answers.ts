import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/schema';
import { Value } from 'typebox/value';

/*
 * What an OpenAPI document promises: each answer of each route, and what it holds.
 */

const Schema = Type.Record(Type.String(), Type.Unknown());
const Response = Type.Object({
  description: Type.String(),
  content: Type.Optional(Type.Record(Type.String(), Type.Object({ schema: Schema }))),
});
const Route = Type.Object({ responses: Type.Record(Type.String(), Response) });
const Description = Type.Object({
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Route)),
});

/** What came back for a request. */
export interface Produced {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** By name, such as `POST /api/client/issues/raise 202`. */
export type DocumentedAnswers = ReadonlyMap<string, Static<typeof Response>>;

export function documentedAnswers(description: unknown): DocumentedAnswers {
  const { paths } = Value.Parse(Description, description);
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        Object.entries(responses).map(
          ([status, response]) => [`${method.toUpperCase()} ${path} ${status}`, response] as const,
        ),
      ),
    ),
  );
}

/** The name without the code of one cause, as in `GET /api/client/issues 429 too_many_bad_tokens`. */
export function withoutCode(name: string): string {
  return name.split(' ').slice(0, 3).join(' ');
}

/** Where an answer is not as documented. */
export function differences(documented: DocumentedAnswers, name: string, produced: Produced): string[] {
  const response = documented.get(withoutCode(name));
  const { status, type, text } = produced;
  const [, , expected, code = ''] = name.split(' ');
  if (response === undefined || expected !== `${status}` || !text.includes(code))
    return [`it is ${status}: ${text}`];
  if (response.content === undefined) return text === '' ? [] : [`it has a body: ${text}`];
  const schema = response.content[type]?.schema;
  if (schema === undefined) return [`it is of type ${type}: ${text}`];
  const [, errors] = Compile(schema).Errors(type.endsWith('json') ? JSON.parse(text) : text);
  return errors.map(({ instancePath, message }) => `${instancePath} ${message}: ${text}`);
}
