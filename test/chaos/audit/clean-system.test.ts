import { afterEach, expect, it } from 'vitest';
import { type StoreKind, type System, startSystem } from '../../support/system.ts';
import { execute } from '../../support/template-database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Ledger } from '../ledger.ts';
import { auditLedger } from './audit-ledger.ts';
import { recordFrom } from './support/recorded.ts';

const LANES = 4;
const STORES: StoreKind[] = ['redis', 'postgres'];

let system: System;
afterEach(() => system.close());

it.for(STORES)('finds nothing wrong with what the system does, on the %s store', async kind => {
  system = await startSystem(kind, { lanes: LANES });
  const [a, b] = [await system.addOrganization(), await system.addOrganization()];
  const inactive = await system.addOrganization({ active: false });
  const { ledger, raise, again } = recordFrom(() => system.address);
  const waited = { wait: 15 };
  const { databaseUrl, queueUrl } = system;
  const audit = (of: Ledger) => auditLedger(of, { databaseUrl, queueUrl, lanes: LANES, againAfterMs: 0 });

  for (const organization of [a, b, a]) await raise('ann', organization);
  const twice = await raise('bob', b, waited);
  await again('bob', twice);
  await raise('ann', crypto.randomUUID(), waited);
  await raise('bob', inactive, waited);
  await raise('ann', a, { priority: 'none' });
  ledger.unanswered(ledger.begin('eve', { key: 'cut', organizationId: a, title: 'cut' }), Date.now());
  await execute(
    databaseUrl,
    `insert into users (id) values ('foreign');
     insert into user_profiles (user_id, profile_type, organization_id) values ('foreign', 'customer', '${a}')`,
  );
  await waitFor(async () => (await audit(ledger)).findings.length === 0);

  const { counts, histories } = await audit(Ledger.from(JSON.parse(JSON.stringify(ledger))));
  expect(histories).toBe('');
  expect(counts).toEqual({
    users: 3,
    accepted: 6,
    applied: 4,
    refused: 2,
    redriven: 0,
    lostByFlush: 0,
    unsettled: 1,
    unsettledThere: 0,
  });
});
