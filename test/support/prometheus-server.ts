import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse, stringify } from 'yaml';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';
import { waitFor } from './wait-for.ts';

const CONFIG = 'deploy/prometheus/prometheus.yml';

const Config = Type.Object({ scrape_configs: Type.Array(Type.Object({ job_name: Type.String() })) });
const Answer = Type.Object({
  status: Type.Literal('success'),
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        value: Type.Tuple([Type.Number(), Type.String()]),
      }),
    ),
  }),
});

export interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

export interface PrometheusServer {
  /** Answers an instant query. @throws when it is not understood */
  query(expression: string): Promise<Sample[]>;
  /** The one value of a query, if it has one. */
  value(expression: string): Promise<number | undefined>;
  /** What it knows of its rules, as JSON. */
  rules(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * A real Prometheus with the configuration and the rules of deploy/, but that it
 * asks these processes, and every second.
 *
 * @param targets `host:port` of the processes of each job
 */
export async function startPrometheus(targets: Record<string, readonly string[]>): Promise<PrometheusServer> {
  const folder = await makeTempFolder('prometheus');
  await writeFile(path.join(folder, 'prometheus.yml'), await configOf(targets));
  await writeFile(path.join(folder, 'rules.yml'), await readFile('deploy/prometheus/rules.yml'));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const get = async (query: string) => (await fetch(`http://${address}${query}`)).text();
  const isReady = () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady);

  const query = async (expression: string) => {
    const text = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = Value.Parse(Answer, JSON.parse(text));
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  };
  return {
    query,
    value: async expression => (await query(expression))[0]?.value,
    rules: () => get('/api/v1/rules'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await removeTempFolder(folder);
    },
  };
}

async function configOf(targets: Record<string, readonly string[]>): Promise<string> {
  const { scrape_configs } = Value.Parse(Config, parse(await readFile(CONFIG, 'utf8')));
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: scrape_configs.map(({ job_name }) => ({
      job_name,
      static_configs: [{ targets: targets[job_name] ?? [] }],
    })),
  });
}
