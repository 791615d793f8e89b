import { type ConnectOptions, IssueIntake } from 'issue-intake-client';
import { onTestFinished } from 'vitest';
import { type System, type SystemOptions, startSystem } from '../../support/system.ts';
import { tokenOf } from '../../support/tokens.ts';
import { openTroubledNetwork, type TroubledNetwork } from './troubled-network.ts';

export interface Place {
  readonly system: System;
  /** Between clients and API. */
  readonly network: TroubledNetwork;
  readonly organizationId: string;
  /** A client of its user, ann unless given another token. */
  connect(options?: Partial<ConnectOptions>): Promise<IssueIntake>;
  /** Until it is released, no submission becomes an issue. */
  holdLanes(): Promise<{ release(): Promise<unknown> }>;
  /** The titles of all issues, by number. */
  issues(): Promise<string[]>;
}

/** A whole system of one test, and a network to it that can be troubled. */
export async function openPlace(options: SystemOptions = {}): Promise<Place> {
  const system = await startSystem('redis', options);
  onTestFinished(() => system.close());
  const network = await openTroubledNetwork(system.address);
  onTestFinished(() => network.close());
  return {
    system,
    network,
    organizationId: await system.addOrganization(),
    connect: async ({ token, ...more } = {}) =>
      new IssueIntake({ url: network.url, token: token ?? (await tokenOf('ann')), ...more }),
    async holdLanes() {
      const em = system.orm.em.fork();
      await em.begin();
      await em.execute('lock table issues in exclusive mode');
      return { release: () => em.rollback() };
    },
    async issues() {
      const rows = await system.orm.em.execute<{ title: string }[]>(
        'select title from issues order by number',
      );
      return rows.map(({ title }) => title);
    },
  };
}
