import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

/*
 * docker-compose.yml, read as Docker would read it. No Docker engine is needed.
 */

const Texts = Type.Record(Type.String(), Type.String());
const Service = Type.Object({
  image: Type.String(),
  build: Type.Optional(Type.String()),
  command: Type.Optional(Type.Array(Type.String())),
  environment: Type.Optional(Texts),
  deploy: Type.Optional(Type.Object({ replicas: Type.Integer() })),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  healthcheck: Type.Optional(Type.Object({ disable: Type.Optional(Type.Literal(true)) })),
  ports: Type.Optional(Type.Array(Type.String())),
  volumes: Type.Optional(Type.Array(Type.String())),
  profiles: Type.Optional(Type.Array(Type.String())),
  restart: Type.String(),
  stop_grace_period: Type.Optional(Type.String({ pattern: '^[0-9]+s$' })),
});
const Compose = Type.Object({
  services: Type.Record(Type.String(), Service),
  volumes: Type.Record(Type.String(), Type.Null()),
});

type Service = Static<typeof Service>;

/** What a person must set in .env. */
export const SECRETS = {
  POSTGRES_PASSWORD: 'f00d5eed',
  REDIS_PASSWORD: 'c0ffee',
  JWT_SECRET: 'a secret of 32 bytes or even more',
};

/** The compose file with these variables in .env. @throws when one that it insists on is missing */
export function composeWith(variables: Record<string, string>): Static<typeof Compose> {
  const text = readFileSync('docker-compose.yml', 'utf8');
  // Like Docker, first YAML and then the variables: what comes out of one stays text.
  const fill = (_: unknown, value: unknown) =>
    typeof value === 'string' ? interpolate(value, variables) : value;
  return Value.Parse(Compose, parse(text, fill, { merge: true }));
}

/** A service of the compose file, with the secrets set and nothing else. */
export function serviceOf(name: string): Service {
  const service = composeWith(SECRETS).services[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  return service;
}

const REFERENCE = /\$\{(\w+)(:-|:\?|\?)([^}]*)\}/g;

/** `${NAME:-default}`, `${NAME:?message}` and `${NAME?message}`, the forms that the file uses. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replace(REFERENCE, (_, name: string, operator: string, word: string) => {
    const value = variables[name];
    if (operator === ':-') return value || word;
    if (value === undefined || (operator === ':?' && value === '')) throw new Error(`${name}: ${word}`);
    return value;
  });
}
