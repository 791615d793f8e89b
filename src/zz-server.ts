import { buildApp } from './api/app.ts';
import { openDatabase } from './database.ts';
import { openLog } from './log.ts';
const orm = openDatabase('postgres://127.0.0.1:1/x');
const intake = { accept: () => new Promise<void>(r => setImmediate(r)), acceptAndWait: async () => undefined, find: async () => undefined, ping: async () => {}, close: async () => {} };
const app = await buildApp({ intake, orm, log: openLog({ level: process.argv[2] ?? 'info', pretty: false }), tokens: { key: { secret: 'a secret for the tests, 32 bytes or more' } } });
await app.listen({ port: 4999, host: '127.0.0.1' });
