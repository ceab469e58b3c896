import {parseOrder} from '../../../selector/order.js';
import {sessionSheet} from '../../../sheets/session-sheet.js';
import {parseChoice} from '../../parsers.js';
import {showListing, times} from '../../present.js';
import {type SelectorInput, selectionOf, withSelector} from '../../selector-flags.js';
import {withColumns} from '../../sheets/choose-columns.js';
import {totalOf} from '../../total.js';
import type {Verb} from '../../verb.js';

const measures = ['received', 'sent', 'idle', 'age'] as const;

export interface SessionsTopInput extends SelectorInput {
  readonly by: (typeof measures)[number];
}

/** As many as a small terminal shows. */
const usualLimit = 20;

export const sessionsTop: Verb<SessionsTopInput> = {
  examples: ['gatectl sessions top --by received', 'gatectl sessions top --by idle --gate Gate@a1 --limit 5'],
  declare: (command) =>
    withSelector(command).option(
      '--by <measure>',
      `the most of: ${measures.join(', ')} (received)`,
      parseChoice(measures),
      'received' as const,
    ),
  run: async (context, {by, ...input}) => {
    const {signal, manners} = context;
    const limit = manners.limit ?? usualLimit;
    const names = ['session', 'uid', 'gate', 'received', 'sent', 'up', 'idle'];
    const sheet = withColumns(sessionSheet(times(context)), names, () => undefined);
    const selection = await selectionOf(input);
    const cluster = await context.openCluster();
    const listing = await cluster.list({...selection, order: parseOrder(by), limit, signal});
    return showListing(context, sheet, listing, () => totalOf(cluster, {...selection, signal}));
  },
};
