/** The load generator, a process of its own: told what to do by the orchestrator, see messages.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { messageOf } from '../../src/errors.ts';
import { Client } from './client.ts';
import { closedLoop, openLoop } from './loops.ts';
import { type FromGenerator, Load } from './messages.ts';
import { followOutcomes } from './outcomes.ts';

process.on('disconnect', () => process.exit());
process.on('message', async message => {
  try {
    tell({ kind: 'done', streams: await run(Value.Parse(Load, message)) });
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error) });
  }
});

async function run(load: Load) {
  const outcomes = load.news && (await followOutcomes(load.news.queueUrl));
  const client = await Client.open(load.target);
  try {
    void sleep(load.warmUpSeconds * 1000).then(() => tell({ kind: 'measuring' }));
    const loop = load.kind === 'open' ? openLoop(load, client, outcomes) : closedLoop(load, client, outcomes);
    return (await loop).map(tally => tally.result(load.seconds));
  } finally {
    client.close();
    await outcomes?.close();
  }
}

function tell(message: FromGenerator): void {
  process.send?.(message);
}
