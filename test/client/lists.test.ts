import { expect, it } from 'vitest';
import { openPlace } from './support/place.ts';

it('goes through all issues, newest first, a page at a time, and no further than asked', async () => {
  const place = await openPlace();
  const { network, organizationId } = place;
  const intake = await place.connect();
  const titles = Array.from({ length: 7 }, (_, n) => `Issue ${n}`);
  for (const title of titles) {
    const { submissionId } = await intake.raise({ organizationId, title });
    await intake.outcome(submissionId);
  }

  const before = network.seen.length;
  const all: string[] = [];
  for await (const { title } of intake.myIssues({ limit: 3 })) all.push(title);
  const pages = network.seen.length - before;
  for await (const { title } of intake.myIssues({ limit: 3 })) if (title === 'Issue 5') break;

  expect(all).toEqual(titles.toReversed());
  expect(pages).toBe(3);
  expect(network.seen.length - before).toBe(4);
});

it('goes on when a page has to be asked for twice', async () => {
  const place = await openPlace();
  const intake = await place.connect();
  for (const name of ['Borealis', 'Acme', 'Cirrus']) await place.system.addOrganization({ name });

  place.network.trouble((_, nth) => (nth % 2 === 0 ? 'lose the answer' : undefined));
  const names: string[] = [];
  for await (const { name } of intake.organizations({ limit: 2 })) names.push(name);

  expect(names.slice(0, 3)).toEqual(['Acme', 'Borealis', 'Cirrus']);
  expect(names).toHaveLength(4);
});

it('stands below a path, whether or not its address ends in a slash', async () => {
  const place = await openPlace();

  for (const url of [`${place.network.url}/crm`, new URL('/crm/', place.network.url)]) {
    const intake = await place.connect({ url });
    await intake.status('x').catch(() => {});
  }

  expect(place.network.seen.map(({ path }) => path)).toEqual(
    Array(2).fill('/crm/api/client/issues/submissions/x'),
  );
});
