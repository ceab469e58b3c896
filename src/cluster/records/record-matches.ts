import type {Selector} from '../../selector/selector.js';
import type {LocatedRecord} from './record-access.js';

/**
 * Returns true if a selector matches a record. Terms on times and counts never match, because those are unknown;
 * records that can't be decoded never match. `gate` is the gate of the session that wrote the record.
 */
export function recordMatches({session, uid, node}: LocatedRecord, where: Selector, now: number): boolean {
  if (session === undefined) return false;
  const unknown = {connectedAt: 0, lastActiveAt: 0, received: Number.NaN, sent: Number.NaN};
  const row = {session: {...session, userId: uid}, ...unknown};
  return where.matches(row, session.serverId || node, now);
}
