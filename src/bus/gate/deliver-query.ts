import {UsageError} from '../../base/errors.js';
import {type DeliverQuery, maxDeliverSessions, maxDeliverWaitMs} from '../../session/gate-api.js';

/** Parses the argument of GatectlDeliver. Throws UsageError. */
export function parseDeliverQuery(query: Readonly<Record<string, unknown>>): DeliverQuery {
  const {sessions, topic, waitMs} = query;
  if (
    !Array.isArray(sessions) ||
    sessions.length > maxDeliverSessions ||
    !sessions.every((id): id is string => typeof id === 'string')
  )
    throw new UsageError(
      `invalid delivery: expected "sessions", a list of at most ${maxDeliverSessions} session ids`,
    );
  if (typeof topic !== 'string') throw new UsageError('invalid delivery: "topic" must be a string');
  if (typeof waitMs !== 'number' || !(waitMs >= 1) || waitMs > maxDeliverWaitMs)
    throw new UsageError(`invalid delivery: "waitMs" must be 1 to ${maxDeliverWaitMs} milliseconds`);
  return {sessions, topic, waitMs};
}
