import {ExitCode} from '../../../errors.js';
import {sessionSheet, sourcedSheet} from '../../../sheets/session-sheet.js';
import {parseUid} from '../../parsers.js';
import {rowsOf, showGathered, times} from '../../present.js';
import {hintAtStock, type StockInput, stockSources, withStock} from '../../stock-flags.js';
import type {Verb} from '../../verb.js';

export interface SessionsFindInput extends StockInput {
  readonly uid: string;
}

export const sessionsFind: Verb<SessionsFindInput> = {
  examples: [
    'gatectl sessions find u42',
    'gatectl sessions find u42 -o ids',
    'gatectl sessions find u42 --tap 10s',
  ],
  declare: (command) => withStock(command.argument('<uid>', 'user id that sessions are bound to', parseUid)),
  run: async (context, {uid, ...input}) => {
    const stock = await stockSources(context, input);
    const cluster = await context.openCluster();
    const found = await cluster.find(uid, stock);
    const rows = rowsOf(found);
    const sheet = stock === undefined ? sessionSheet(times(context)) : sourcedSheet(times(context));
    const code = await showGathered(context, sheet, found, rows);
    await hintAtStock(context, stock, found.outcomes);
    return code === ExitCode.done && rows.length === 0 ? ExitCode.negative : code;
  },
};
