/*
 * Loaded into a process of the product before its sources (`node --import`):
 * without an order, everything goes its way unchanged.
 */
import './http-answers.ts';
import './pg-statements.ts';
import './redis-commands.ts';
import { endWithSuite } from './end-with-suite.ts';
import { takeOrders } from './order-taker.ts';

takeOrders();
endWithSuite();
