import { apply } from './apply.ts';
import { durability } from './durability.ts';
import { embedded } from './embedded.ts';
import { endToEnd } from './end-to-end.ts';
import { extras } from './extras.ts';
import { fleet } from './fleet.ts';
import { intake } from './intake.ts';
import type { Measurement } from './measurement.ts';
import { memory } from './memory.ts';
import { neighbour } from './neighbour.ts';
import { webhooks } from './webhooks.ts';

/** In the order of the report. */
export const MEASUREMENTS: readonly Measurement[] = [
  apply,
  webhooks,
  intake,
  endToEnd,
  neighbour,
  extras,
  durability,
  fleet,
  memory,
  embedded,
];
