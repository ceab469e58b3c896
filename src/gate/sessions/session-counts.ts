import {GroupTally, maxGroups, parseGrouping} from '../../selector/grouping.js';
import type {Selector} from '../../selector/selector.js';
import type {SessionCount} from '../../session/gate-api.js';
import {scanSessions} from './session-scan.js';
import type {SessionTable} from './session-table.js';

/**
 * Maximum number of groups that fit into a reply. With more, the caller lists the sessions and counts them itself.
 */
const maxGroupsInReply = 4000;

interface CountParts {
  readonly table: SessionTable;
  readonly nodeId: string;
  readonly now: () => number;
}

/** Counts matching sessions, grouped by `by` if given. Throws UsageError for an unknown grouping. */
export async function countSessions(
  {table, nodeId, now}: CountParts,
  selector: Selector | undefined,
  by: string | undefined,
): Promise<SessionCount> {
  const filtered = selector === undefined ? {} : {filtered: true};
  if (by === undefined && selector === undefined) return {sessions: table.size, bound: table.bound};
  const grouping = by === undefined ? undefined : parseGrouping(by);
  const tally = new GroupTally(by ?? '');
  const at = now();
  let sessions = 0;
  let bound = 0;
  await scanSessions(table, (live) => {
    if (selector?.matches(live, nodeId, at) === false) return;
    const isBound = live.session.userId === '' ? 0 : 1;
    sessions += 1;
    bound += isBound;
    if (grouping !== undefined && tally.size < maxGroups)
      tally.add(grouping.keyOf(live, nodeId) ?? null, 1, isBound);
  });
  const counts = {sessions, bound, ...filtered};
  return grouping === undefined || tally.size > maxGroupsInReply
    ? counts
    : {...counts, groups: tally.sorted()};
}
