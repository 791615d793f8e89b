import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const RULES = 'deploy/prometheus/rules.yml';

/** As a page of the repository makes an anchor of a heading. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

const guide = readFileSync('docs/operating.md', 'utf8');

test('each alert has its section in the operator’s guide, and each section an alert', ({ skip }) => {
  if (!existsSync(RULES)) skip(`there is no ${RULES}`);
  const rules = readFileSync(RULES, 'utf8');

  const alerts = [...rules.matchAll(/^ *- alert: (\w+)$/gm)].map(([, name]) => name?.toLowerCase());
  const runbooks = [...rules.matchAll(/runbook_url: docs\/operating\.md#(\S+)/g)].map(([, anchor]) => anchor);
  const sections = anchorsOf(guide).filter(anchor => anchor.startsWith('issueintake'));
  expect(sections.sort()).toEqual(alerts.toSorted());
  expect(runbooks).toEqual(alerts);
});

test.each(['operating', 'scaling'])('the sections that %s.md and its neighbour name are there', name => {
  const text = readFileSync(`docs/${name}.md`, 'utf8');
  const links = [...text.matchAll(/\]\((operating\.md|scaling\.md|performance\.md)?#([^)]+)\)/g)];

  expect(links.length).toBeGreaterThan(2);
  for (const [link, file = `${name}.md`, anchor = ''] of links) {
    expect(anchorsOf(readFileSync(`docs/${file}`, 'utf8')), link).toContain(anchor);
  }
});
