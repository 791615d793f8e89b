import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Figures, RETRY_KINDS } from '../../src/figures/figures.ts';
import { WebhookFigures } from '../../src/figures/webhook-figures.ts';
import { type MetricsSources, openMetrics } from '../../src/metrics/metrics.ts';
import { RequestCounts } from '../../src/metrics/request-counts.ts';

/*
 * docs/metrics.md names what /metrics gives, and nothing else.
 */

const page = readFileSync('docs/metrics.md', 'utf8');

/** What a process that has every part tells, after it has done something of each kind. */
function everything(): MetricsSources {
  const requests = new RequestCounts();
  requests.observe({ method: 'GET', url: '/x' }, 200, 3);
  const figures = new Figures('all');
  figures.epoch = { number: 1, lanes: 2 };
  const webhooks = new WebhookFigures();
  webhooks.left = { deliveries: 1, oldestSeconds: 2 };
  return {
    figures,
    connections: () => ({ open: 2, idle: 1, waiting: 0 }),
    isVolatile: () => false,
    runsLanes: true,
    waiting: () => [{ lane: '00', waiting: 3, oldestMs: 1500 }],
    requests,
    webhooks,
  };
}

interface Described {
  readonly name: string;
  readonly type: string;
}

/** The rows of the page's tables of metrics. */
function documented(): (Described & { labels: string[]; text: string })[] {
  const rows = page.matchAll(
    /^\| `(?<name>\w+)` \| (?<type>counter|gauge|histogram) \| (?<labels>[^|]*)\|.*$/gm,
  );
  return [...rows].map(({ 0: text, groups: { name = '', type = '', labels = '' } = {} }) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label ?? ''),
    text,
  }));
}

function given(text: string): Described[] {
  return [...text.matchAll(/^# TYPE (?<name>\w+) (?<type>\w+)$/gm)].map(
    ({ groups: { name = '', type = '' } = {} }) => ({ name, type }),
  );
}

function byName(one: Described, other: Described): number {
  return one.name < other.name ? -1 : 1;
}

test('the page names every metric with its type, and no other', async () => {
  const text = await openMetrics(everything()).text();
  const named = documented().map(({ name, type }) => ({ name, type }));

  expect(named.length).toBeGreaterThan(20);
  expect(named.sort(byName)).toEqual(given(text).sort(byName));
});

test('the page names the labels of each of our metrics', async () => {
  const text = await openMetrics(everything()).text();

  for (const { name, labels } of documented().filter(row => row.name.startsWith('issue_intake_'))) {
    const [, inside = ''] = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text) ?? [];
    const found = [...inside.matchAll(/(\w+)="/g)].map(([, label]) => label);
    expect({ name, labels }).toEqual({ name, labels: found });
  }
});

test('the page explains every kind of retry', () => {
  for (const kind of RETRY_KINDS) expect(page).toContain(`\`${kind}\``);
});

test('names have a prefix, and their unit at the end', async () => {
  const ours = given(await openMetrics(everything()).text()).filter(({ name }) => name.startsWith('issue'));

  for (const { name, type } of ours) {
    expect(name).toMatch(/^issue_intake_[a-z_]+$/);
    expect(name).not.toMatch(/_ms$|millis/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
  }
});
