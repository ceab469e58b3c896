import {ExitCode} from '../../../errors.js';
import {sessionSheet} from '../../../sheets/session-sheet.js';
import {parseUid} from '../../parsers.js';
import {rowsOf, showGathered, times} from '../../present.js';
import type {Verb} from '../../verb.js';

export interface SessionsFindInput {
  readonly uid: string;
}

export const sessionsFind: Verb<SessionsFindInput> = {
  examples: ['gatectl sessions find u42', 'gatectl sessions find u42 -o ids'],
  declare: (command) => command.argument('<uid>', 'user id that sessions are bound to', parseUid),
  run: async (context, {uid}) => {
    const cluster = await context.openCluster();
    const found = await cluster.find(uid);
    const rows = rowsOf(found);
    const code = await showGathered(context, sessionSheet(times(context)), found, rows);
    return code === ExitCode.done && rows.length === 0 ? ExitCode.negative : code;
  },
};
