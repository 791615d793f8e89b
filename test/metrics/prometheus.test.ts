import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ORGANIZATION_INACTIVE, openWholeFleet } from '../figures/support/whole-fleet.ts';
import { type Sample, startPrometheus } from '../support/prometheus-server.ts';
import { asObject } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * What lies in deploy/ for those who watch the system, held against a real
 * Prometheus and its promtool, and against real processes.
 */

const run = promisify(execFile);
const DASHBOARD = 'deploy/grafana/dashboards/issue-intake.json';

const Rules = Type.Object({
  groups: Type.Array(
    Type.Object({
      rules: Type.Array(
        Type.Object({
          alert: Type.String(),
          expr: Type.String(),
          annotations: Type.Object({ summary: Type.String(), runbook_url: Type.String() }),
        }),
      ),
    }),
  ),
});
const rulesText = readFileSync('deploy/prometheus/rules.yml', 'utf8');
const rules = Value.Parse(Rules, parse(rulesText)).groups.flatMap(group => group.rules);

const Dashboard = Type.Object({
  panels: Type.Array(
    Type.Object({ title: Type.String(), targets: Type.Array(Type.Object({ expr: Type.String() })) }),
  ),
});
const dashboard = Value.Parse(Dashboard, JSON.parse(readFileSync(DASHBOARD, 'utf8')));
const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test('promtool finds the rules in order, and each alerts when it should', async () => {
  const { stdout } = await run('promtool', ['check', 'rules', 'deploy/prometheus/rules.yml']);
  const tested = await run('promtool', ['test', 'rules', 'deploy/prometheus/rules.test.yml']);

  expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(tested.stdout).toContain('SUCCESS');
  const tests = readFileSync('deploy/prometheus/rules.test.yml', 'utf8');
  // Each is seen to fire, too.
  for (const { alert } of rules) expect(tests).toContain(`#${alert.toLowerCase()}`);
});

test('promtool understands the configuration', async () => {
  const { stdout } = await run('promtool', ['check', 'config', 'deploy/prometheus/prometheus.yml']);

  expect(stdout).toContain('SUCCESS');
});

test('each alert says what is wrong, and where it is written what to do', () => {
  for (const { alert, annotations } of rules) {
    expect(annotations.summary).not.toBe('');
    expect(annotations.runbook_url).toBe(`docs/operating.md#${alert.toLowerCase()}`);
  }
});

test('rules and dashboard ask only for metrics that there are', () => {
  const page = readFileSync('docs/metrics.md', 'utf8');
  const asked = [...rules.map(({ expr }) => expr), ...shown]
    .flatMap(expr => [...expr.matchAll(/\b(?:issue_intake|nodejs|process)_\w+/g)].map(([name]) => name))
    .map(name => (page.includes(`\`${name}\``) ? name : name.replace(/_(bucket|sum|count)$/, '')));

  expect(asked.length).toBeGreaterThan(30);
  expect([...new Set(asked)].filter(name => !page.includes(`\`${name}\``))).toEqual([]);
});

test('Grafana finds its dashboards where compose puts them', () => {
  const provider = readFileSync('deploy/grafana/provisioning/dashboards/issue-intake.yml', 'utf8');
  const compose = readFileSync('docker-compose.yml', 'utf8');
  const [, path] = /path: ([\w/]+)/.exec(provider) ?? [];

  expect(compose).toContain(`./deploy/grafana/dashboards:${path}:ro`);
  expect(readdirSync('deploy/grafana/dashboards')).toEqual(['issue-intake.json']);
});

test('a real Prometheus asks a real API and a real worker, and has the right numbers', async () => {
  const fleet = await openWholeFleet(2, 'redis');
  onTestFinished(() => fleet.close());
  const [api, worker] = [await fleet.startApi(), await fleet.startWorker({ METRICS_PORT: '0' })];
  const line = await worker.line(text => text.includes('answering /metrics'));
  const hostOf = (address: string) => new URL(address).host;
  const prometheus = await startPrometheus({
    'issue-intake-api': [hostOf(api.address)],
    'issue-intake-worker': [hostOf(String(asObject(JSON.parse(line)).address))],
  });
  onTestFinished(() => prometheus.stop());
  const { value } = prometheus;
  const query = async (expression: string) =>
    (await prometheus.query(expression)).sort((one, other) => order(one, other));

  for (let n = 0; n < 20; n++) {
    const organizationId = n % 4 === 0 ? { organizationId: ORGANIZATION_INACTIVE } : {};
    expect(await api.raise(`user-${n}`, { ...organizationId, key: `${n}` })).toBe(202);
  }
  expect(await api.raise('user-0', { organizationId: ORGANIZATION_INACTIVE, key: '0' })).toBe(202);
  await fetch(`${api.address}/api/client/nothing/${crypto.randomUUID()}`);
  await waitFor(async () => (await value('sum(issue_intake_applied_total)')) === 15);
  await waitFor(async () => (await value('sum(issue_intake_refused_total)')) === 5);
  await waitFor(async () => (await value('issue_intake_replayed_total{job="issue-intake-api"}')) === 1);

  expect((await query('up')).map(sample => sample.value)).toEqual([1, 1]);
  expect(await value('issue_intake_accepted_total{job="issue-intake-api"}')).toBe(20);
  expect(await value('issue_intake_accepted_total{job="issue-intake-worker"}')).toBe(0);
  expect(await value('issue_intake_refused_total{code="organization_inactive",status="rejected"} > 0')).toBe(
    5,
  );
  expect(await value('sum(issue_intake_batch_size_sum)')).toBe(20);
  expect(await value('sum(issue_intake_accept_to_commit_seconds_count)')).toBe(20);
  expect(
    await value('histogram_quantile(0.99, sum by (le) (issue_intake_unit_of_work_seconds_bucket))'),
  ).toBeGreaterThan(0);
  expect(
    (await query('issue_intake_lane_owned')).map(({ labels, value }) => [labels.lane, labels.job, value]),
  ).toEqual([
    ['00', 'issue-intake-worker', 1],
    ['01', 'issue-intake-worker', 1],
  ]);
  const requests = 'issue_intake_http_request_seconds_count{route!="/metrics"}';
  await waitFor(async () => (await value(`sum(${requests})`)) === 22);
  expect(
    (await query(requests)).map(({ labels: { method, route, status }, value }) => [
      method,
      route,
      status,
      value,
    ]),
  ).toEqual([
    ['GET', 'none', '4xx', 1],
    ['POST', '/api/client/issues/raise', '2xx', 21],
  ]);
  expect(
    await value('sum(issue_intake_database_connections{state="open",job="issue-intake-worker"})'),
  ).toBeGreaterThan(0);
  expect(await value('sum(max by (lane) (issue_intake_backlog))')).toBe(0);
  // The test's Redis writes nothing to disk.
  expect(await value('max(issue_intake_queue_volatile)')).toBe(1);

  for (const expr of shown) await query(expr.replaceAll('$__rate_interval', '1m'));
  expect(await prometheus.rules()).not.toMatch(/"health":"err"/);
  expect((await query('sum by (alertname) (ALERTS{alertstate="firing"})')).length).toBe(0);

  await worker.end('SIGKILL');
  expect(await api.raise('user-1')).toBe(202);
  await waitFor(async () => (await value('sum(max by (lane) (issue_intake_backlog))')) === 1);
  await waitFor(async () => ((await value('max(issue_intake_oldest_waiting_seconds)')) ?? 0) > 0);
  await waitFor(async () => (await value('ALERTS{alertname="IssueIntakeProcessDown"}')) === 1);
});

function order(one: Sample, other: Sample): number {
  return JSON.stringify(one.labels) < JSON.stringify(other.labels) ? -1 : 1;
}
