import {setImmediate as breath} from 'node:timers/promises';
import {monotonicMs} from '../../base/clock.js';
import type {Selector} from '../../selector/selector.js';
import {parseSessionOrder, TopRows} from '../../selector/sort-order.js';
import {encodeConnection} from '../../session/codec/connection-message.js';
import {SessionPageWriter} from '../../session/codec/session-page.js';
import {
  type ConnectionState,
  type ConnectionsQuery,
  maxConnectionsPerQuery,
} from '../../session/connection-state.js';
import type {LiveSession} from './live-session.js';
import {scanSessions} from './session-scan.js';
import type {SessionTable} from './session-table.js';

interface ConnectionPageDeps {
  readonly table: SessionTable;
  readonly nodeId: string;
  /** Maximum size of the page in bytes. */
  readonly limitBytes: number;
  readonly now: () => number;
}

/**
 * Returns an encoded page of sessions with the state of their connections: the named sessions, or those with waiting
 * packets, in order. The page ends before the first row that does not fit.
 */
export async function encodeConnectionPage(
  deps: ConnectionPageDeps,
  query: ConnectionsQuery,
  selector: Selector | undefined,
): Promise<Buffer> {
  const {table, limitBytes, now} = deps;
  const {sessions} = query;
  const named = sessions?.map((id) => table.get(id)).filter((live) => live !== undefined);
  const lives = named ?? (await stuckSessions(deps, query, selector));
  const writer = new SessionPageWriter(4096);
  let turnEndsAt = monotonicMs() + turnMs;
  for (const live of lives) {
    if (monotonicMs() >= turnEndsAt) {
      await breath();
      turnEndsAt = monotonicMs() + turnMs;
    }
    if (live.connection.closed) continue;
    const session = live.encoded;
    const room = limitBytes - writer.size - session.length - rowOverhead;
    if (writer.rows > 0 && room < 0) break;
    const connection = fitting(live.connection.state(query, room), room);
    if (writer.rows > 0 && connection.length > room) break;
    const {connectedAt, lastActiveAt, received, sent} = live;
    writer.add({session, connectedAt, lastActiveAt, received, sent, connection});
  }
  const isFiltered = sessions === undefined && selector !== undefined;
  return writer.finish('', {now: now(), filtered: isFiltered, sorted: sessions === undefined});
}

/** How long rows are encoded before yielding to the event loop. */
const turnMs = 2;

/** Maximum size in bytes of a row's numbers, tags and lengths, and of the page's own fields. */
const rowOverhead = 128;

/** Encodes the state of a connection, without its subscriptions if they do not fit. */
function fitting({subscriptions, ...state}: ConnectionState, room: number): Buffer {
  const whole = encodeConnection({...state, subscriptions});
  return whole.length <= room ? whole : encodeConnection(state);
}

async function stuckSessions(
  {table, nodeId: node, now}: ConnectionPageDeps,
  {limit = maxConnectionsPerQuery, sort = 'waiting'}: ConnectionsQuery,
  selector: Selector | undefined,
): Promise<readonly LiveSession[]> {
  const at = now();
  const top = new TopRows<LiveSession>(parseSessionOrder(sort), limit);
  await scanSessions(table, (live) => {
    if (live.connection.waitingBytes === 0 || selector?.matches(live, node, at) === false) return;
    const {session, connectedAt, lastActiveAt, received, sent} = live;
    const connectionState = live.connection.state({}, 0);
    const row = {session, connectedAt, lastActiveAt, received, sent, connectionState};
    top.offer(live, {row, node, now: at}, live.id);
  });
  return top.rows();
}
