#!/usr/bin/env node
/**
 * Makes `npm start` and `npm test` work on a fresh clone, whatever Node the
 * machine has: installs what is missing, then runs the real command on the
 * Node that the project pins. Plain JavaScript for any Node from 18 up, and
 * without dependencies, because it runs before there are any.
 *
 *   node scripts/bootstrap.mjs node <script> [arguments]
 *   node scripts/bootstrap.mjs test [arguments for vitest]
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './bootstrap/chromium.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { ensurePrometheus } from './bootstrap/prometheus.mjs';
import { ensureRedis } from './bootstrap/redis.mjs';
import { run, runNode } from './bootstrap/run.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What `npm test` consists of; the first that fails ends it. */
const TEST_STEPS = [
  { name: 'type check', tool: 'typescript/bin/tsc', args: [] },
  { name: 'type check of the page', tool: 'typescript/bin/tsc', args: ['-p', 'src/web'] },
  {
    name: 'type check of the client library',
    tool: 'typescript/bin/tsc',
    args: ['-p', 'client', '--noEmit'],
  },
  { name: 'lint', tool: '@biomejs/biome/bin/biome', args: ['check'] },
  { name: 'tests', tool: 'vitest/vitest.mjs', args: ['run'] },
];

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main([mode, ...args]) {
  process.chdir(ROOT);
  if (mode === 'node') return (await ensureInstalled(ROOT, [])) || runNode(ROOT, args);
  if (mode === 'test') return test(args);
  return fail('usage: node scripts/bootstrap.mjs node|test [arguments]');
}

/** @param {string[]} args @returns {Promise<number>} */
async function test(args) {
  const tools = TEST_STEPS.map(step => step.tool);
  const notReady =
    (await ensureInstalled(ROOT, tools)) ||
    (await ensureRedis(process.env, run)) ||
    (await ensureChromium(process.env, run)) ||
    (await ensurePrometheus(process.env, run));
  if (notReady) return notReady;

  for (const step of TEST_STEPS) {
    console.log(`\nnpm test: ${step.name}`);
    const extra = step.name === 'tests' ? args : [];
    const code = await runNode(ROOT, [path.join('node_modules', step.tool), ...step.args, ...extra]);
    if (code !== 0) return fail(`npm test: the ${step.name} failed (exit code ${code})`, code);
  }
  return 0;
}

/** @param {string} line @param {number} [code] @returns {number} */
function fail(line, code = 1) {
  console.error(`\n${line}`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
