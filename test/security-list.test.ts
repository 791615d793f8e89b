import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const text = await readFile('SECURITY.md', 'utf8');

/** What SECURITY.md names as shown: test files with titles. */
const named = [...text.matchAll(/^- `(?<file>test\/\S+\.test\.ts)`: “(?<title>.+)”$/gm)].map(
  ({ groups }) => ({ file: groups?.file ?? '', title: groups?.title ?? '' }),
);

test('each risk of the list names tests', () => {
  const risks = text.split(/^### /m).slice(1);

  expect(risks.map(risk => /^API\d+/.exec(risk)?.[0])).toEqual(
    Array.from({ length: 10 }, (_, index) => `API${index + 1}`),
  );
  for (const risk of risks) expect(risk).toMatch(/^- `test\//m);
});

test('every line of the list is one that names a test', () => {
  expect(named.length).toBe(text.match(/^- /gm)?.length);
  expect(named.length).toBeGreaterThan(30);
});

test.each(named)('$file has the test “$title”', async ({ file, title }) => {
  expect(await readFile(file, 'utf8')).toContain(title);
});
