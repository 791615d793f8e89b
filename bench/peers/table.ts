import type { Findings } from './judge.ts';
import { IN_FLIGHT } from './measure-add.ts';
import type { PeerResult, Results } from './results.ts';

/** The comparison's tables in Markdown, every figure from the results. */
export function renderTables(results: Results): string {
  const { peers } = results;
  return [
    describeRun(results),
    '',
    '### Speed',
    '',
    table(
      [
        '',
        'applied/s, one process',
        'applied/s, two processes',
        `adds/s, ${IN_FLIGHT} in flight`,
        'adds/s, one by one',
      ],
      peers.map(({ name, drain, adds }) => [
        name,
        medianAndSpread(drain.oneProcess),
        medianAndSpread(drain.twoProcesses),
        whole(adds.concurrent),
        whole(adds.oneByOne),
      ]),
    ),
    '',
    '### Order and loss',
    '',
    'Two worker processes. Inverted: applied after a later one of the same user.',
    '',
    table(
      ['', 'all well', '2 % fail once', '`kill -9` of one of two processes', 'all applied, after the kill'],
      peers.map(({ name, order }) => [
        name,
        verdict(order.normal),
        `${verdict(order.failing)} (${whole(order.failing.failures)} made to fail)`,
        verdict(order.killed),
        afterKill(order.killed, results),
      ]),
    ),
    '',
    '### Versions and options',
    '',
    table(
      ['', 'version', 'built as', 'options that are not the default'],
      peers.map(({ name, version, how, options }) => [name, version, how, listOptions(options)]),
    ),
  ].join('\n');
}

function describeRun({ at, machine, seconds, settings, scale }: Results): string {
  const { cpu, cores, memoryGiB, node, redis, postgres } = machine;
  return (
    `Measured ${at.slice(0, 10)} on ${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node.slice(1)}, ` +
    `PostgreSQL ${postgres}, Redis ${redis} (${list(settings.redis)}), in ${Math.round(seconds / 60)} minutes; ` +
    `a queue of ${whole(scale.drainOf)} drained in ${scale.rounds} rounds in turn: median (lowest to highest).`
  );
}

function verdict({ accepted, inversions, lost, stuck, failed }: Findings): string {
  const parts = Object.entries({ inverted: inversions, lost, stuck, failed }).filter(
    ([, count]) => count > 0,
  );
  const wrong = parts.map(([what, count]) => `**${whole(count)} ${what}**`).join(', ');
  return wrong === '' ? `all ${whole(accepted)} in order` : `${wrong} of ${whole(accepted)}`;
}

function afterKill({ lost, stuck, failed, seconds }: Findings, { scale }: Results): string {
  const missing = lost + stuck + failed;
  return missing === 0 ? `${seconds.toFixed(1)} s` : `some not within ${scale.quietMs / 1000} s of quiet`;
}

function medianAndSpread(rates: readonly number[]): string {
  const sorted = rates.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
  const median = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  return sorted.length < 2 ? whole(median) : `${whole(median)} (${whole(low)} to ${whole(high)})`;
}

function listOptions(options: PeerResult['options']): string {
  return Object.entries(options)
    .map(([name, value]) => `\`${name}: ${value}\``)
    .join(', ');
}

function list(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}
