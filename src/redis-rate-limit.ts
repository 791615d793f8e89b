import type { Cluster, Redis } from 'ioredis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Charge, type Charged, ROUNDING } from './rate-limit.ts';

/** By Redis's own clock: the processes' need not agree. A bucket that is empty is gone. */
const CHARGE = `
  local perMs, burst = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
  local debt, wanted = tonumber(ARGV[3]), tonumber(ARGV[4])
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local emptyAt = tonumber(redis.call('GET', KEYS[1]) or '0')
  local level = math.max(0, emptyAt - now) * perMs + debt
  local granted = math.min(wanted, math.max(0, math.floor(burst - level + ${ROUNDING.toFixed(6)})))
  level = level + granted
  if level > 0 then
    local ms = level / perMs
    redis.call('SET', KEYS[1], string.format('%.3f', now + ms), 'PX', math.ceil(ms))
  end
  return { granted, string.format('%.6f', level) }
`;

const Answer = Type.Tuple([Type.Integer(), Type.String()]);

/** @throws the store's error */
export async function chargeInRedis(
  connection: Redis | Cluster,
  key: string,
  { limit, debt, wanted }: Charge,
): Promise<Charged> {
  const answer = await connection.eval(CHARGE, 1, key, limit.perSecond, limit.burst, debt, wanted);
  const [granted, level] = Value.Parse(Answer, answer);
  return { granted, level: Number(level) };
}
