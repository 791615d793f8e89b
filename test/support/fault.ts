import type { MikroORM } from '@mikro-orm/postgresql';

/** What a unit of work fails with when it runs these statements, or this work, in a transaction. */
export async function faultIn(
  orm: MikroORM,
  work: string | ((em: MikroORM['em']) => unknown),
): Promise<unknown> {
  return thrownBy(
    orm.em.fork().transactional(async em => {
      if (typeof work === 'string') await em.execute(work);
      else await work(em);
    }),
  );
}

/** The reason why a promise is rejected. */
export async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was to fail, and did not');
}
