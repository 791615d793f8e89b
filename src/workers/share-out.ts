import { crc32 } from 'node:zlib';

/**
 * Shares lanes out among nodes: rendezvous hashing, with no node taking more
 * than its fair part. Every process that sees the same nodes computes the same
 * answer, and a node that joins or leaves moves little else than its own lanes.
 *
 * @returns for each lane the node that runs it; empty when there are no nodes
 */
export function shareOut(lanes: number, nodes: readonly string[]): string[] {
  const room = new Map(nodes.map((node, index) => [node, fairPart(lanes, nodes.length, index)]));
  const owners: string[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const owner = highestScore(lane, room);
    if (owner === undefined) break;
    owners.push(owner);
    room.set(owner, (room.get(owner) ?? 0) - 1);
  }
  return owners;
}

/** `lanes` in `nodes` parts that differ by at most one. */
function fairPart(lanes: number, nodes: number, index: number): number {
  return Math.floor(lanes / nodes) + (index < lanes % nodes ? 1 : 0);
}

function highestScore(lane: number, room: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let bestScore = -1;
  for (const [node, left] of room) {
    const score = crc32(`${node}/${lane}`);
    if (left > 0 && score > bestScore) [best, bestScore] = [node, score];
  }
  return best;
}
