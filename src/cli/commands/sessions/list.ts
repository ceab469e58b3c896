import {type Order, parseOrder} from '../../../selector/order.js';
import {sessionSheet, settingColumn} from '../../../sheets/session-sheet.js';
import {showListing, times, timesInBytes} from '../../present.js';
import {type SelectorInput, selectionOf, withSelector} from '../../selector-flags.js';
import {parseColumns, withColumns} from '../../sheets/choose-columns.js';
import {totalOf} from '../../total.js';

import type {Verb} from '../../verb.js';

export interface SessionsListInput extends SelectorInput {
  readonly sort?: Order | undefined;
  readonly columns?: readonly string[] | undefined;
}

export const sessionsList: Verb<SessionsListInput> = {
  examples: [
    'gatectl sessions list --setting vip=1 --older-than 5m',
    'gatectl sessions list --where \'uid.startsWith("bot") || guest\' --sort received --limit 20 -o json',
  ],
  declare: (command) =>
    withSelector(command)
      .option('--sort <field>', 'session, uid, gate, age, idle, received, sent, settings.<key> …', parseOrder)
      .option('--columns <names>', 'these columns: session,uid,settings.room', parseColumns),
  run: async (context, {sort, columns, ...input}) => {
    const {signal, manners} = context;
    const {limit} = manners;
    const sheet = withColumns(sessionSheet(times(context), timesInBytes(context)), columns, settingColumn);
    const selection = await selectionOf(input);
    const cluster = await context.openCluster();
    const listing = await cluster.list({...selection, order: sort, limit, signal});
    return showListing(context, sheet, listing, () => totalOf(cluster, {...selection, signal}));
  },
};
