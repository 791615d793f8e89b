import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { LaneQueue } from '../../queue-store.ts';
import { type AdminCredentials, requireAdmin } from '../admin-auth.ts';
import { bullBoard } from '../bull-board.ts';
import { adminPage } from '../page.ts';
import { life } from './life.ts';
import { refuseOtherSites } from './own-site.ts';
import { redriveOne } from './redrive-one.ts';
import { search } from './search.ts';

export interface AdminOptions extends AdminCredentials {
  /** One for each lane, in order. */
  readonly queues: readonly LaneQueue[];
  readonly orm: MikroORM;
  /** Whether titles and descriptions are shown. */
  readonly showContent: boolean;
  /** Whether a submission can be redriven, and a job retried. */
  readonly allowActions: boolean;
}

/** All that is for the administrator, below /admin. */
export async function admin(app: FastifyInstance, options: AdminOptions): Promise<void> {
  await requireAdmin(app, options);
  refuseOtherSites(app);
  await adminPage(app);
  await app.register(search, options);
  await app.register(life, options);
  await app.register(redriveOne, options);
  await app.register(bullBoard, options);
}
