import {setImmediate as breath} from 'node:timers/promises';
import type {LiveSession} from './live-session.js';
import type {SessionTable} from './session-table.js';

/** Sessions looked at before the event loop gets its turn: about a millisecond. */
const stretch = 2000;

/**
 * Looks at every session that is there all the while exactly once, and at none that comes meanwhile, without holding the
 * gate's clients up.
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
      if (looks === stretch) break;
    }
    if (looks < stretch) return;
    await breath();
  }
}
