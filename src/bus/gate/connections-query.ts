import {UsageError} from '../../base/errors.js';
import {
  type ConnectionsQuery,
  maxConnectionsPerQuery,
  stuckSortOrders,
} from '../../session/connection-state.js';

/** Parses the argument of GatectlConnections. Throws UsageError. */
export function parseConnectionsQuery(members: Readonly<Record<string, unknown>>): ConnectionsQuery {
  const {sessions, limit = maxConnectionsPerQuery, sort = 'waiting', where, topic, subscriptions} = members;
  if (sessions !== undefined && !isIdList(sessions))
    throw new UsageError(
      `invalid "sessions" in a call: expected a list of at most ${maxConnectionsPerQuery} session ids`,
    );
  if (typeof limit !== 'number' || !(limit >= 1))
    throw new UsageError(`invalid "limit" in a call: expected a number from 1 to ${maxConnectionsPerQuery}`);
  const order = stuckSortOrders.find((name) => name === sort);
  if (order === undefined)
    throw new UsageError(`invalid "sort" in a call: expected ${stuckSortOrders.join(' or ')}`);
  return {
    sessions,
    limit: Math.min(Math.floor(limit), maxConnectionsPerQuery),
    sort: order,
    where: filledText(where),
    topic: filledText(topic),
    subscriptions: subscriptions === true,
  };
}

const isIdList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= maxConnectionsPerQuery &&
  value.every((id) => typeof id === 'string');

const filledText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
