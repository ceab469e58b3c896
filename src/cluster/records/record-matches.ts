import type {Selector} from '../../selector/selector.js';
import type {LocatedRecord} from './records.js';

/**
 * Whether a selector holds for what is stored of a user. A record knows no times and no counts, so that what asks for
 * them is no match; nor is a record whose bytes cannot be decoded. The gate is the one of the session that wrote it.
 */
export function recordMatches({session, uid, node}: LocatedRecord, where: Selector, now: number): boolean {
  if (session === undefined) return false;
  const unknown = {connectedAt: 0, lastActiveAt: 0, received: Number.NaN, sent: Number.NaN};
  const row = {session: {...session, userId: uid}, ...unknown};
  return where.matches(row, session.serverId || node, now);
}
