import type { Latency } from './load/messages.ts';
import { generate } from './load/start-generator.ts';
import { type Bench, inTurn, type Measurement } from './measurement.ts';
import { Figures, type Table } from './report/figures.ts';
import { type Api, SECRET, startApi } from './system/roles.ts';

/*
 * What it costs to have each submission on Redis's disk before it is answered:
 * `appendfsync always` against `everysec`, by many clients at once and by one.
 * No worker runs.
 */

const SETTINGS = ['everysec', 'always'] as const;
type Setting = (typeof SETTINGS)[number];

const USERS = 5000;
const MANY = 64;

export const durability: Measurement = {
  name: 'durability',
  steps: ({ rounds }) => rounds * SETTINGS.length,
  async run(bench) {
    const figures = new Figures();
    try {
      await inTurn(bench.options.rounds, SETTINGS, async (setting, round) => {
        bench.step(`durability ${round}: appendfsync ${setting}`);
        await measure(bench, setting, figures);
      });
    } finally {
      await bench.services.redis.config('SET', 'appendfsync', 'everysec');
    }
    for (const clients of ['many', 'one']) {
      const id = `durability.always.${clients}`;
      const part = figures.median(id) / figures.median(`durability.everysec.${clients}`);
      figures.add(`${id}.part`, '%', 100 * part);
    }
    return { name: 'durability', tables: [TABLE], figures: figures.all };
  },
};

async function measure({ services, options }: Bench, setting: Setting, figures: Figures): Promise<void> {
  const databaseUrl = await services.reset();
  await services.redis.config('SET', 'appendfsync', setting);
  const api = await startApi({ databaseUrl, queueUrl: services.redisUrl });
  try {
    await load(api, MANY, `durability.${setting}.many`, figures, options.sizes.loadSeconds);
    await load(api, 1, `durability.${setting}.one`, figures, options.sizes.loadSeconds / 2);
  } finally {
    await api.process.stop();
  }
}

async function load(api: Api, clients: number, id: string, figures: Figures, seconds: number): Promise<void> {
  const [result] = await generate(
    {
      kind: 'closed',
      target: { port: api.port, secret: SECRET, connections: clients },
      warmUpSeconds: seconds / 3,
      seconds,
      users: USERS,
      inFlight: clients,
    },
    [api.process],
  );
  if (result === undefined) throw new Error('no result');
  figures.add(id, '/s', result.perSecond);
  addLatency(figures, id, result.answer);
}

function addLatency(figures: Figures, id: string, { p50, p99 }: Latency): void {
  figures.add(`${id}.p50`, 'ms', p50);
  figures.add(`${id}.p99`, 'ms', p99);
}

const TABLE: Table = {
  title: `Submissions accepted, by ${MANY} clients at once and by one`,
  head: ['Redis writes its file', `${MANY} clients`, 'p50', 'p99', 'one client', 'p50', 'p99'],
  rows: [
    ['every second (`everysec`)', ...cells('everysec')],
    ['before it answers (`always`)', ...cells('always')],
    [
      '`always`, of `everysec`',
      '{durability.always.many.part}',
      '',
      '',
      '{durability.always.one.part}',
      '',
      '',
    ],
  ],
};

function cells(setting: Setting): string[] {
  return ['many', 'one'].flatMap(clients =>
    ['', '.p50', '.p99'].map(figure => `{durability.${setting}.${clients}${figure}}`),
  );
}
