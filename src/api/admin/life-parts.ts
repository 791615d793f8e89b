import type { MikroORM } from '@mikro-orm/postgresql';
import type { Static } from 'typebox';
import type { LaneQueue } from '../../queue-store.ts';
import { placeOf } from './lane-jobs.ts';
import { type Recorded, readBatch, readOrganization } from './life-reads.ts';
import type { LifeView } from './life-view.ts';
import { unlessAway } from './unless-away.ts';

/*
 * Parts of a life that take another question. Each is left out while its store is away.
 */

/** How far from a lane's end a waiting submission is looked for. */
const MOST_BEHIND = 20_000;

type Life = Static<typeof LifeView>;

export async function issueOf(
  orm: MikroORM,
  id: string,
  { number, accepted_at, created_at }: NonNullable<Recorded['issue']>,
  move: Recorded['move'],
): Promise<NonNullable<Life['issue']>> {
  const [batch] = (await unlessAway(readBatch(orm, [id]))).value ?? [];
  return {
    number,
    appliedAt: new Date(created_at).toISOString(),
    acceptToCommitMs: Date.parse(created_at) - Date.parse(accepted_at),
    batch: batch ?? { size: 1, first: number, last: number },
    ...(move === null ? {} : { moved: movedBy(move) }),
  };
}

function movedBy({ from_id, from_name, to_id, to_name }: NonNullable<Recorded['move']>) {
  return { from: named(from_id, from_name), to: named(to_id, to_name) };
}

function named(id: string, name: string | null): { id: string; name?: string } {
  return name === null ? { id } : { id, name };
}

/** @param id as it was sent, which may be any text */
export async function organizationOf(orm: MikroORM, id: string): Promise<Life['organization']> {
  const [found] = (await unlessAway(readOrganization(orm, [id.replaceAll('\0', '')]))).value ?? [];
  return { id, ...found };
}

export async function placeIn(
  queue: LaneQueue | undefined,
  id: string,
): Promise<Pick<Life, 'place' | 'waiting'>> {
  if (queue === undefined) return {};
  const { value } = await unlessAway(placeOf(queue, id, MOST_BEHIND));
  if (value === undefined) return {};
  return { waiting: value.waiting, ...(value.place === undefined ? {} : { place: value.place }) };
}
