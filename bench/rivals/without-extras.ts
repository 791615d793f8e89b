/**
 * Imported before the product's program: takes out of its way what cannot be
 * switched off, the counting and the security headers, to see what they cost.
 */
import { SECURITY_HEADERS } from '../../src/api/security-headers.ts';
import { Figures } from '../../src/figures/figures.ts';
import { RequestCounts } from '../../src/metrics/request-counts.ts';

Figures.prototype.committed = () => {};
Figures.prototype.decided = () => {};
RequestCounts.prototype.observe = () => {};
for (const name of Object.keys(SECURITY_HEADERS)) Reflect.deleteProperty(SECURITY_HEADERS, name);
