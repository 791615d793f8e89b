import type { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyInstance } from 'fastify';
import type { LaneSet } from '../../lane-set.ts';
import { requireAdmin, type AdminOptions as SignIn } from '../admin-auth.ts';
import { bullBoard } from '../bull-board.ts';
import type { FleetHistory } from '../fleet-history.ts';
import { glance } from '../glance.ts';
import { adminPage } from '../page.ts';
import { life } from './life.ts';
import { refuseOtherSites } from './own-site.ts';
import { redriveOne } from './redrive-one.ts';
import { search } from './search.ts';
import { webhooks } from './webhooks.ts';

export interface AdminOptions extends SignIn {
  /** The lanes of all epochs that are not over, at any time, the oldest first. */
  readonly lanes: () => readonly LaneSet[];
  /** From here on they are as of now; without it, as this process has heard. @throws QueueUnavailableError */
  readonly lookAnew?: () => Promise<void>;
  readonly orm: MikroORM;
  /** What all processes do; without it, it is not shown. */
  readonly history?: FleetHistory | undefined;
  /** Whether titles and descriptions are shown. */
  readonly showContent: boolean;
  /** Whether a submission can be redriven, a job retried, and a webhook changed. */
  readonly allowActions: boolean;
  /** Whether a webhook may lead into a private network; without it, it may not. */
  readonly allowPrivateWebhooks?: boolean;
}

/** All that is for the administrator, below /admin. */
export async function admin(app: FastifyInstance, options: AdminOptions): Promise<void> {
  await requireAdmin(app, options);
  refuseOtherSites(app);
  await adminPage(app);
  const { history } = options;
  if (history !== undefined) await app.register(glance, { history });
  await app.register(search, options);
  await app.register(life, options);
  await app.register(redriveOne, options);
  await app.register(webhooks, options);
  await app.register(bullBoard, options);
}
