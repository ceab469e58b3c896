import {type Grouping, GroupTally} from '../../selector/grouping.js';
import type {GateApi, SessionCount} from '../../session/gate-api.js';
import type {AllGatesCountQuery} from '../query-types.js';
import {type SessionPageGuardOptions, sessionPageGuard} from './page-guard.js';
import {fetchSessionPage} from './session-page.js';

type CountOptions = AllGatesCountQuery & Pick<SessionPageGuardOptions, 'timeoutMs' | 'now'>;

/** Counts sessions on the gate. If the gate can't filter or group, lists them and counts locally. */
export async function countOnGate(gate: GateApi, query: CountOptions): Promise<SessionCount> {
  const {where, by, signal} = query;
  const counted = await gate.count({where: where?.text, by: by?.text}, {signal});
  const isFiltered = where === undefined || counted.filtered === true;
  const isGrouped = by === undefined || counted.groups !== undefined;
  return isFiltered && isGrouped ? counted : await countListed(gate, query);
}

async function countListed(gate: GateApi, query: CountOptions): Promise<SessionCount> {
  const {where, by, signal} = query;
  const guard = sessionPageGuard(gate, query);
  const tally = new GroupTally(by?.text ?? '');
  const keyOf: Grouping['keyOf'] = by?.keyOf ?? (() => undefined);
  let sessions = 0;
  let bound = 0;
  let after = '';
  do {
    const {rows, next, looked} = await fetchSessionPage(gate, {where, after, signal});
    for (const row of rows) {
      const isBound = row.session.userId === '' ? 0 : 1;
      sessions += 1;
      bound += isBound;
      tally.add(keyOf(row, gate.nodeId) ?? null, 1, isBound);
    }
    if (next !== '') await guard.check({next, rows: looked});
    after = next;
  } while (after !== '');
  return {sessions, bound, ...(by === undefined ? {} : {groups: tally.sorted()})};
}
