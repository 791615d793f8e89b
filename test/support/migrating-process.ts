/**
 * A process that brings a database to the current schema, for tests that run
 * several of them at once. Prints the names of the migrations that it ran.
 * Usage: node migrating-process.ts <url>
 */
import { migrate } from '../../src/database.ts';

const [url = ''] = process.argv.slice(2);
console.log(JSON.stringify(await migrate(url)));
