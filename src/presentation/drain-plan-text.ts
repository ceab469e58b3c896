import {type DrainPlan, remainingSessionCapacity} from '../cluster/write/drain-plan.js';
import {defaultMaxConnects, safeEvictionRate} from '../cluster/write/reconnect-throttle.js';
import {groupedDigits, plural} from '../output/text/humanize.js';

export const drainedSessions = ({gates}: DrainPlan): number =>
  gates.reduce((sum, {sessions = 0}) => sum + sessions, 0);

/** Returns warnings about the effects of a drain. */
export function drainConcerns(plan: DrainPlan): readonly string[] {
  const {gates, others} = plan;
  const free = remainingSessionCapacity(plan);
  const sessions = drainedSessions(plan);
  const stock = gates.filter(({canRefuse}) => !canRefuse).map(({gate}) => gate);
  return [
    ...(others.length === 0 ? ['no other gate is known to take the clients'] : []),
    ...(others.length > 0 && free !== undefined && free < sessions
      ? [`the other gates can take ${plural(free, 'session')}, but ${groupedDigits(sessions)} will reconnect`]
      : []),
    ...(stock.length > 0
      ? [
          `${stock.join(', ')} cannot refuse new sessions: remove it from the load balancer first, and attach the add-on`,
        ]
      : []),
  ];
}

/** Returns the pace of evictions, such as `at 100 per second on each gate`. */
export function drainPace(
  {gates, others}: DrainPlan,
  rate: number,
  maxConnects = defaultMaxConnects(rate),
): string {
  const safe = safeEvictionRate(maxConnects);
  const pace = rate === 0 ? 'as fast as possible' : `at ${groupedDigits(rate)} per second on each gate`;
  const isSafe = safe === Number.POSITIVE_INFINITY || (rate > 0 && rate * gates.length <= safe);
  if (others.length === 0 || isSafe) return pace;
  return `${pace}, starting with ${groupedDigits(safe)} in total, so that no other gate gets more than ${groupedDigits(maxConnects)} new connections per second`;
}
