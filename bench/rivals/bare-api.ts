/** The same route with the same checks, and no queue behind it. */
import { serve } from './serve.ts';

await serve(
  async () => {},
  async () => {},
);
