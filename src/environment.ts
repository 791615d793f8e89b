import { fileVariable, readSecretFile, SECRETS } from './secret-files.ts';

/*
 * Reads variables of the environment, and collects what is wrong with them, so
 * that a person corrects a configuration once and not once for each mistake.
 * What is wrong yields a stand-in value, which nobody sees: `finish` throws.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment cannot be used; one line for each mistake. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

export interface UrlRule {
  /** Schemes without the colon, in the order in which to name them. */
  readonly schemes: readonly string[];
  /** For people. */
  readonly example: string;
}

export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #mistakes: string[] = [];
  /** Of those that were to come from a file; undefined of one that did not. */
  readonly #fromFiles = new Map<string, string | undefined>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** An empty variable is an absent one: that is what `${NAME:-}` in a compose file makes. */
  text(name: string): string | undefined {
    const text = this.#environment[name]?.trim() || undefined;
    return SECRETS.includes(name) ? this.#secret(name, text) : text;
  }

  #secret(name: string, text: string | undefined): string | undefined {
    if (this.#fromFiles.has(name)) return this.#fromFiles.get(name);
    const variable = fileVariable(name);
    const path = this.#environment[variable]?.trim();
    if (!path) return text;
    const read = readSecretFile(path);
    if (text !== undefined) this.mistake(variable, `and ${name} exclude each other; unset one of them`);
    else if ('mistake' in read) this.mistake(variable, read.mistake);
    this.#fromFiles.set(name, text ?? ('text' in read ? read.text.trim() : undefined));
    return this.#fromFiles.get(name);
  }

  required(name: string, expected: string, value: string | undefined): string {
    if (value === undefined && this.text(name) === undefined && !this.#fromFiles.has(name)) {
      this.mistake(name, `is missing; it must be ${expected}`);
    }
    return value ?? '';
  }

  integer(name: string, min: number, max: number, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    this.mistake(name, `must be a whole number from ${min} to ${max}, not ${quote(text)}`);
    return fallback;
  }

  /** The same for an upper limit, which may be `off`: Infinity then. */
  limit(name: string, max: number, fallback: number): number {
    const text = this.text(name);
    if (text === 'off') return Number.POSITIVE_INFINITY;
    if (text === undefined || (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max)) {
      return Number(text ?? fallback);
    }
    this.mistake(name, `must be a whole number from 1 to ${max}, or off, not ${quote(text)}`);
    return fallback;
  }

  /** Seconds, of which the parts count as well: more than 0, at most `max`. */
  seconds(name: string, max: number, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (/^\d{1,9}(\.\d{1,3})?$/.test(text) && Number(text) > 0 && Number(text) <= max) return Number(text);
    this.mistake(name, `must be seconds, more than 0 and at most ${max}, not ${quote(text)}`);
    return fallback;
  }

  /** A port, where there is to be one. 0 is any that is free. */
  portOrOff(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined || text === 'off') return undefined;
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
    this.mistake(name, `must be a port from 0 to 65535, or off, not ${quote(text)}`);
    return undefined;
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = values.find(each => each === text);
    if (value === undefined) this.mistake(name, `must be one of ${values.join(', ')}, not ${quote(text)}`);
    return value ?? fallback;
  }

  url(name: string, { schemes, example }: UrlRule): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (schemes.some(scheme => text.startsWith(`${scheme}://`)) && isUrl(text)) return text;
    this.mistake(name, `must be a URL like ${example}, not ${quote(withoutSecrets(text))}`);
    return undefined;
  }

  mistake(name: string, what: string): void {
    this.#mistakes.push(`${name} ${what}`);
  }

  /** @throws ConfigError with all mistakes, if there was one */
  finish(): void {
    if (this.#mistakes.length > 0) throw new ConfigError(this.#mistakes);
  }
}

function isUrl(text: string): boolean {
  // A cluster's URL lists several hosts, which is more than the standard allows.
  const withOneHost = text.replace(/^(redis\+cluster:\/\/(?:[^/@]*@)?[^/,]+)(?:,[^/,]+)*/, '$1');
  return URL.parse(withOneHost)?.hostname !== '' && URL.canParse(withOneHost);
}

/** A URL may hold a password, in front of the host or in its query; without a scheme all of it may be one. */
function withoutSecrets(text: string): string {
  const { scheme, rest } = /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?<rest>.*)$/i.exec(text)?.groups ?? {};
  if (scheme === undefined || rest === undefined) return 'something without a scheme';
  return scheme + rest.replace(/^.*@/, '***@').replace(/\?.*$/, '');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
