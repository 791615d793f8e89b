import { readdir } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';

const MOST_BYTES = 60_000;

/** The page and all that it names, as a browser that takes gzip gets them. */
async function loadPage({ app }: Awaited<ReturnType<typeof openApp>>) {
  const load = async (path: string) => {
    const response = await app.inject({ url: path, headers: { 'accept-encoding': 'gzip, deflate, br' } });
    return { path, response, text: gunzipSync(response.rawPayload).toString() };
  };
  const page = await load('/');
  const names = [...page.text.matchAll(/(?:src|href)="((?:web|client)\/[^"]+)"/g)].map(
    ([, name]) => `/${name}`,
  );
  return [page, ...(await Promise.all(names.map(load)))];
}

test('the page and all that it loads are there, and weigh less than 60 kB', async () => {
  const files = await loadPage(await openApp());

  const weight = files.reduce((sum, { response }) => sum + response.rawPayload.length, 0);
  expect(files.map(({ response }) => response.statusCode)).toEqual(files.map(() => 200));
  expect(weight).toBeLessThan(MOST_BYTES);
});

test('the page names every module, so that none is found late', async () => {
  const files = await loadPage(await openApp());

  const modulesOf = async (folder: string, address: string) =>
    (await readdir(folder)).filter(name => name.endsWith('.js')).map(name => `${address}/${name}`);
  const modules = [...(await modulesOf('src/web', '/web')), ...(await modulesOf('client', '/client'))];
  const named = files.map(({ path }) => path).filter(path => path.endsWith('.js'));
  expect(named.sort()).toEqual(modules.sort());
});

test('each file forbids scripts and styles that are not files of the page, and holds none', async () => {
  const files = await loadPage(await openApp());

  for (const { response } of files) {
    expect(response.headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
        "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
  }
  expect(files[0]?.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
});

test('a browser that has a file already is told so, and one without gzip gets it plain', async () => {
  const { app } = await openApp();

  const plain = await app.inject('/');
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String(plain.headers.etag) } });

  expect(plain.body).toContain('<title>issue-intake</title>');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
});

test('the page is told what this server has', async () => {
  const users = ['ann', 'a "quoted" & <tagged> one'];
  const bare = await openApp();
  const full = await openApp({ devSignIn: { secret: 'x'.repeat(32), users } });

  const options = async ({ app }: typeof bare) => {
    const [, content = ''] = /name="issue-intake" content="([^"]*)"/.exec((await app.inject('/')).body) ?? [];
    const text = content.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
    return JSON.parse(text);
  };

  expect(await options(bare)).toEqual({ demoUsers: [], hasDashboard: false });
  expect(await options(full)).toEqual({ demoUsers: users, hasDashboard: false });
});
