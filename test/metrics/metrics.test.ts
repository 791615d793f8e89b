import { expect, test } from 'vitest';
import { Figures } from '../../src/figures/figures.ts';
import { type MetricsSources, openMetrics } from '../../src/metrics/metrics.ts';
import { RequestCounts } from '../../src/metrics/request-counts.ts';

const figures = new Figures('all');

async function textOf(sources: Partial<MetricsSources>): Promise<string> {
  const connections = () => ({ open: 2, idle: 1, waiting: 0 });
  return openMetrics({ figures, connections, isVolatile: () => true, ...sources }).text();
}

test('what is asked for twice is the same, and what has risen is risen', async () => {
  const figures = new Figures('worker');
  figures.applied = 3;
  const connections = () => ({ open: 0, idle: 0, waiting: 0 });
  const metrics = openMetrics({ figures, connections, isVolatile: () => undefined });

  expect(await metrics.text()).toContain('\nissue_intake_applied_total 3\n');
  expect(await metrics.text()).toContain('\nissue_intake_applied_total 3\n');
  figures.applied = 5;
  expect(await metrics.text()).toContain('\nissue_intake_applied_total 5\n');
});

test('a histogram has its buckets, each with those below it, its sum and its count', async () => {
  const figures = new Figures('worker');
  for (const size of [1, 2, 3, 2000]) figures.committed(size, 40);

  const text = await textOf({ figures });

  expect(text).toContain(`issue_intake_batch_size_bucket{le="1"} 1
issue_intake_batch_size_bucket{le="2"} 2
issue_intake_batch_size_bucket{le="4"} 3
`);
  expect(text).toContain(`issue_intake_batch_size_bucket{le="1000"} 3
issue_intake_batch_size_bucket{le="+Inf"} 4
issue_intake_batch_size_sum 2006
issue_intake_batch_size_count 4
`);
  expect(text).toContain('issue_intake_unit_of_work_seconds_bucket{le="0.05"} 4\n');
});

test('codes and kinds are 0 before they come up, so that a first one is seen to rise', async () => {
  const text = await textOf({});

  expect(text).toContain('issue_intake_refused_total{status="failed",code="unstorable"} 0\n');
  expect(text).toContain('issue_intake_refused_total{status="rejected",code="profile_suspended"} 0\n');
  expect(text).toContain('issue_intake_retries_total{kind="deadlock_detected"} 0\n');
});

test('lanes have two digits, and what waits is in seconds', async () => {
  figures.lanes = [1];
  const waiting = {
    lanes: 2,
    backlog: (lane: number) => lane * 7,
    oldestMs: (n: number) => (n ? 1500 : undefined),
  };

  const text = await textOf({ lanes: 2, waiting });

  expect(text).toContain('issue_intake_backlog{lane="01"} 7\n');
  expect(text).toContain('issue_intake_oldest_waiting_seconds{lane="00"} 0\n');
  expect(text).toContain('issue_intake_oldest_waiting_seconds{lane="01"} 1.5\n');
  expect(text).toContain('issue_intake_lane_owned{lane="00"} 0\nissue_intake_lane_owned{lane="01"} 1\n');
});

test('requests are counted by route and class of status', async () => {
  const requests = new RequestCounts();
  for (const status of [200, 202, 404, 503]) requests.observe({ method: 'GET', url: '/a/:id' }, status, 30);

  const text = await textOf({ requests });

  const of = (status: string) =>
    `issue_intake_http_request_seconds_count{method="GET",route="/a/:id",status="${status}"}`;
  expect(text).toContain(`${of('2xx')} 2\n`);
  expect(text).toContain(`${of('4xx')} 1\n`);
  expect(text).toContain(`${of('5xx')} 1\n`);
});

test('whether the queue is volatile is not told before it is known', async () => {
  expect(await textOf({})).toContain('issue_intake_queue_volatile 1\n');
  expect(await textOf({ isVolatile: () => false })).toContain('issue_intake_queue_volatile 0\n');
  expect(await textOf({ isVolatile: () => undefined })).not.toMatch(/^issue_intake_queue_volatile /m);
});
