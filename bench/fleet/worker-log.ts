import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

const Line = Compile(
  Type.Object({
    time: Type.Number(),
    lane: Type.String(),
    submissionId: Type.String(),
    msg: Type.Literal('applied'),
  }),
);
export interface Line {
  readonly time: number;
  readonly lane: string;
}

/** The lines of a worker's log that tell of an applied submission. */
export function appliedLines(output: string): Line[] {
  const lines: Line[] = [];
  for (const text of output.split('\n')) {
    // The last line may be half written.
    if (!text.startsWith('{') || !text.endsWith('}')) continue;
    const line: unknown = JSON.parse(text);
    if (Line.Check(line)) lines.push(line);
  }
  return lines;
}
