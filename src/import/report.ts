import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { type Finding, type FindingKind, KINDS } from './findings.ts';
import { SourceError } from './source-error.ts';

/*
 * The rows to look at, as a file of comma-separated values (RFC 4180). It has
 * its name only when it is complete.
 */

const COLUMNS = 'deed,kind,table,row,user,what';

export class Report {
  readonly path: string;
  readonly #file: number;
  readonly #counts = new Map<FindingKind, number>();

  /** @throws SourceError when the file cannot be written */
  constructor(path: string) {
    this.path = path;
    try {
      this.#file = openSync(this.#unfinished, 'w', 0o600);
    } catch (error) {
      throw new SourceError(`cannot write the report: ${messageOf(error)}; name another file with --report`);
    }
    this.#write([COLUMNS]);
  }

  add(findings: readonly Finding[]): void {
    for (const { kind } of findings) this.#counts.set(kind, this.count(kind) + 1);
    this.#write(findings.map(lineOf));
  }

  count(kind: FindingKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  finish(): void {
    closeSync(this.#file);
    renameSync(this.#unfinished, this.path);
  }

  get #unfinished(): string {
    return `${this.path}.part`;
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) writeSync(this.#file, lines.map(line => `${line}\r\n`).join(''));
  }
}

function lineOf({ kind, table, id, userId, what }: Finding): string {
  return [KINDS[kind].deed, kind, table, id, userId ?? '', what].map(field).join(',');
}

/** An old id may be any text; one that a spreadsheet would take for a formula is not left to begin like one. */
function field(value: string): string {
  const harmless = /^[=+@\t\r]|^-(?!\d)/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
