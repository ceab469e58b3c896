import {setImmediate as breath} from 'node:timers/promises';
import type {LiveSession} from './live-session.js';
import type {SessionTable} from './session-table.js';

/** Number of sessions examined before yielding to the event loop: about 1 ms. */
const sessionsPerTurn = 2000;

/**
 * Visits every session that stays connected exactly once, and none that connects meanwhile. Yields to the event loop
 * regularly.
 */
export async function scanSessions(table: SessionTable, look: (live: LiveSession) => void): Promise<void> {
  const end = table.newest;
  let cursor = 0;
  for (;;) {
    let looks = 0;
    for (const live of table.after(cursor, end)) {
      look(live);
      cursor = live.sequence;
      looks += 1;
      if (looks === sessionsPerTurn) break;
    }
    if (looks < sessionsPerTurn) return;
    await breath();
  }
}
