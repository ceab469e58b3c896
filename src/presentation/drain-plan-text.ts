import {type DrainPlan, remainingSessionCapacity} from '../cluster/write/drain-plan.js';
import {defaultMaxConnects, safeEvictionRate} from '../cluster/write/reconnect-throttle.js';
import {formatCount, formatPlural} from '../output/text/humanize.js';

export const countSessionsToDrain = ({gates}: DrainPlan): number =>
  gates.reduce((sum, {sessions = 0}) => sum + sessions, 0);

/** Returns warnings about the effects of a drain. */
export function drainWarnings(plan: DrainPlan): readonly string[] {
  const {gates, others} = plan;
  const free = remainingSessionCapacity(plan);
  const sessions = countSessionsToDrain(plan);
  const stock = gates.filter(({canRefuse}) => !canRefuse).map(({gate}) => gate);
  return [
    ...(others.length === 0 ? ['no other gate is known to take the clients'] : []),
    ...(others.length > 0 && free !== undefined && free < sessions
      ? [
          `the other gates can take ${formatPlural(free, 'session')}, but ${formatCount(sessions)} will reconnect`,
        ]
      : []),
    ...(stock.length > 0
      ? [
          `${stock.join(', ')} cannot refuse new sessions: remove it from the load balancer first, and attach the add-on`,
        ]
      : []),
  ];
}

/** Returns the pace of evictions, such as `at 100 per second on each gate`. */
export function drainPaceText(
  {gates, others}: DrainPlan,
  rate: number,
  maxConnects = defaultMaxConnects(rate),
): string {
  const safe = safeEvictionRate(maxConnects);
  const pace = rate === 0 ? 'as fast as possible' : `at ${formatCount(rate)} per second on each gate`;
  const isSafe = safe === Number.POSITIVE_INFINITY || (rate > 0 && rate * gates.length <= safe);
  if (others.length === 0 || isSafe) return pace;
  return `${pace}, starting with ${formatCount(safe)} in total, so that no other gate gets more than ${formatCount(maxConnects)} new connections per second`;
}
