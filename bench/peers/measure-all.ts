import type { Findings } from './judge.ts';
import { type AddRates, measureAdds } from './measure-add.ts';
import { measureDrain } from './measure-drain.ts';
import { measureOrder, SCENARIOS, type Scenario } from './measure-order.ts';
import type { Peer } from './peer.ts';
import type { PeerResult } from './results.ts';
import { inRun } from './run.ts';
import type { Scale } from './scale.ts';
import type { Servers } from './servers.ts';

/** Told what is measured, and what came out. */
export type Progress = (peer: string, what: string, outcome: string) => void;

/** Every measurement of every peer; the peers take turns, so that a slow minute of the machine hits all. */
export async function measureAll(
  servers: Servers,
  peers: readonly Peer[],
  scale: Scale,
  progress: Progress,
): Promise<PeerResult[]> {
  const drains = new Map(
    peers.map(peer => [peer, { oneProcess: [] as number[], twoProcesses: [] as number[] }]),
  );
  for (let round = 1; round <= scale.rounds; round++) {
    for (const [peer, drain] of drains) {
      const one = await inRun(servers, peer, run => measureDrain(run, 1, scale));
      const two = await inRun(servers, peer, run => measureDrain(run, 2, scale));
      progress(
        peer.name,
        `drain ${round}/${scale.rounds}`,
        `${one.toFixed()}/s, two processes ${two.toFixed()}/s`,
      );
      drain.oneProcess.push(one);
      drain.twoProcesses.push(two);
    }
  }
  const results: PeerResult[] = [];
  for (const [peer, drain] of drains) {
    const { name, how, version, options, failsIn } = peer;
    const adds = await inRun(servers, peer, run => measureAdds(run, scale));
    progress(name, 'single adds', describeAdds(adds));
    const order = await measureOrders(servers, peer, enough(scale, drain.twoProcesses), progress);
    results.push({ name, how, version, options, failsIn, drain, adds, order });
  }
  return results;
}

async function measureOrders(
  servers: Servers,
  peer: Peer,
  scale: Scale,
  progress: Progress,
): Promise<Record<Scenario, Findings>> {
  const found: Partial<Record<Scenario, Findings>> = {};
  for (const scenario of SCENARIOS) {
    const findings = await inRun(servers, peer, run => measureOrder(run, scenario, scale));
    progress(peer.name, `order, ${scenario}`, describeFindings(findings));
    found[scenario] = findings;
  }
  return found as Record<Scenario, Findings>;
}

function enough(scale: Scale, rates: readonly number[]): Scale {
  return { ...scale, orderOf: Math.ceil(Math.max(scale.orderOf, scale.orderSeconds * Math.max(...rates))) };
}

function describeAdds({ concurrent, oneByOne }: AddRates): string {
  return `${concurrent.toFixed()}/s, one by one ${oneByOne.toFixed()}/s`;
}

function describeFindings(findings: Findings): string {
  const { accepted, failures, inversions, lost, stuck, failed, seconds } = findings;
  const made = failures > 0 ? `${failures} made to fail, ` : '';
  return `${accepted} accepted, ${made}${inversions} inverted, ${lost} lost, ${stuck} stuck, ${failed} failed, ${seconds.toFixed(1)} s`;
}
