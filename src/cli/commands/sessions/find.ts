import {ExitCode} from '../../../base/errors.js';
import {sessionPresenter, sessionPresenterWithSource} from '../../../presentation/session-presenter.js';
import {parseUid} from '../../line/parsers.js';
import {hintStockSources, type StockInput, stockSources, withStockFlags} from '../../line/stock-flags.js';
import {rowsOf, showGathered, timeCells} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsFindInput extends StockInput {
  readonly uid: string;
}

export const sessionsFind: Verb<SessionsFindInput> = {
  examples: [
    'gatectl sessions find u42',
    'gatectl sessions find u42 -o ids',
    'gatectl sessions find u42 --tap 10s',
  ],
  declare: (command) => withStockFlags(command.argument('<uid>', 'user id of the sessions', parseUid)),
  run: async (context, {uid, ...input}) => {
    const stock = await stockSources(context, input);
    const found = await (stock === undefined
      ? (await context.openReader()).find(uid)
      : (await context.openCluster()).find(uid, stock));
    const rows = rowsOf(found);
    const sheet =
      stock === undefined
        ? sessionPresenter(timeCells(context))
        : sessionPresenterWithSource(timeCells(context));
    const code = await showGathered(context, sheet, found, rows);
    await hintStockSources(context, stock, found.outcomes);
    return code === ExitCode.done && rows.length === 0 ? ExitCode.negative : code;
  },
};
