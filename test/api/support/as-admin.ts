import { ADMIN, type Answer, asObject, type System } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

const LOGIN = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`;

/** Asks as the administrator does from a page of the service. */
export async function getAsAdmin(system: System, path: string): Promise<Answer> {
  const response = await fetch(`${system.address}${path}`, { headers: { authorization: LOGIN } });
  return { status: response.status, headers: response.headers, body: asObject(await response.json()) };
}

export async function redriveAsAdmin(
  system: System,
  id: string,
  headers: Record<string, string> = {},
  body = '{}',
): Promise<Answer> {
  const response = await fetch(`${system.address}/admin/glance/submissions/${id}/redrive`, {
    method: 'POST',
    headers: { authorization: LOGIN, 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: asObject(await response.json()) };
}

/**
 * Resolves when a submission can be redriven: whoever waits for its end is told as soon as
 * that is committed, and only then its job is finished.
 *
 * @returns its id
 */
export async function untilRefused(system: System, { body }: Answer): Promise<string> {
  const id = String(body.submissionId);
  await waitFor(async () => (await lifeAsAdmin(system, id)).body.status === 'rejected');
  return id;
}

export function searchAsAdmin(system: System, text: string, before?: string): Promise<Answer> {
  const query = new URLSearchParams({ text, ...(before === undefined ? {} : { before }) });
  return getAsAdmin(system, `/admin/glance/search?${query}`);
}

export function lifeAsAdmin(system: System, id: string): Promise<Answer> {
  return getAsAdmin(system, `/admin/glance/submissions/${id}`);
}
