import { type Fault, NOTHING_TO_HEAL } from './fault.ts';

/** kill -9 and SIGTERM are over at once; the supervisor starts the process again after a second. */
const AT_ONCE = { durationMs: 0, leastMs: 0 };

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'worker-kill',
    title: '`kill -9` of a worker',
    target: 'worker',
    ...AT_ONCE,
    async inject({ system, random }) {
      random.pick(system.workers).kill();
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'worker-term',
    title: 'SIGTERM of a worker',
    target: 'worker',
    ...AT_ONCE,
    async inject({ system, random }) {
      random.pick(system.workers).terminate();
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'worker-stop',
    title: 'a worker stopped (SIGSTOP) for longer than its locks last, then continued',
    target: 'worker',
    durationMs: 9000,
    // A lock lasts 5 s.
    leastMs: 6500,
    async inject({ system, random }) {
      const go = random.pick(system.workers).stop();
      return async () => go();
    },
  },
  {
    name: 'api-kill',
    title: '`kill -9` of an API',
    target: 'api',
    ...AT_ONCE,
    async inject({ system, random }) {
      random.pick(system.apis).kill();
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'api-term',
    title: 'SIGTERM of an API',
    target: 'api',
    ...AT_ONCE,
    async inject({ system, random }) {
      random.pick(system.apis).terminate();
      return NOTHING_TO_HEAL;
    },
  },
];
