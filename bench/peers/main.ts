/**
 * The same handler on other queues and on ours: how fast, in what order, and
 * what is lost when something fails. See docs/comparison.md.
 *
 *   node bench/peers/main.ts [--quick] [--only=bullmq,pg-boss] [--table]
 */
import { openDatabase } from '../../src/database.ts';
import { parseArguments } from './arguments.ts';
import { updateComparison } from './comparison.ts';
import { installPeers } from './install.ts';
import { describeMachine } from './machine.ts';
import { measureAll, type Progress } from './measure-all.ts';
import { loadPeer, PEER_NAMES } from './peers.ts';
import { type Results, writeResults } from './results.ts';
import { FULL, QUICK } from './scale.ts';
import { POSTGRES_SETTINGS, REDIS_SETTINGS, startServers } from './servers.ts';
import { renderTables } from './table.ts';

const { quick, only, table } = parseArguments(process.argv.slice(2));

if (!table) {
  installPeers();
  const results = await measure();
  console.log(`\n${renderTables(results)}\n\nfigures: ${writeResults(results)}`);
}
if (table || (!quick && only === PEER_NAMES)) {
  console.log(
    updateComparison() ? 'docs/comparison.md is up to date' : 'there are no figures of a whole run yet',
  );
}

async function measure(): Promise<Results> {
  const begin = performance.now();
  const scale = quick ? QUICK : FULL;
  const servers = await startServers();
  process.once('SIGINT', () => void servers.stop().finally(() => process.exit(130)));
  try {
    const at = new Date().toISOString();
    const machine = describeMachine(await postgresVersion((await servers.freshServices()).databaseUrl));
    const peers = await Promise.all(only.map(loadPeer));
    const measured = await measureAll(servers, peers, scale, say(begin));
    const settings = { redis: REDIS_SETTINGS, postgres: POSTGRES_SETTINGS };
    const seconds = (performance.now() - begin) / 1000;
    return {
      at,
      whole: !quick && only === PEER_NAMES,
      seconds,
      machine,
      settings,
      scale,
      peers: measured,
    };
  } finally {
    await servers.stop();
  }
}

function say(begin: number): Progress {
  return (peer, what, outcome) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed().padStart(4);
    console.log(`${seconds} s  ${peer.padEnd(16)} ${what.padEnd(15)} ${outcome}`);
  };
}

async function postgresVersion(url: string): Promise<string> {
  const orm = openDatabase(url);
  try {
    const [row] = await orm.em.execute<{ server_version: string }[]>('show server_version');
    return row?.server_version ?? 'unknown';
  } finally {
    await orm.close();
  }
}
