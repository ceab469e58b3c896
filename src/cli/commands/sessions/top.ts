import type {Listing} from '../../../cluster/cluster.js';
import {sessionPresenter} from '../../../presentation/session-presenter.js';
import {parseOrder} from '../../../selector/order.js';
import {parseSelection, type SelectorInput, withSelectorFlags} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {parseChoice} from '../../line/parsers.js';
import {withColumns} from '../../show/choose-columns.js';
import {listingTotal} from '../../show/listing-total.js';
import {showListing, timeCells} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {isLiveTable, type RefreshInput, refreshTable, withEveryFlag} from './live-table.js';
import {repeatedListing} from './repeated-listing.js';

const measures = ['received', 'sent', 'idle', 'age'] as const;

interface SessionsTopInput extends SelectorInput, RefreshInput {
  readonly by: (typeof measures)[number];
}

/** Chosen to fit a terminal of 24 rows. */
const defaultLimit = 20;
const defaultIntervalMs = 2000;
const columnNames = ['id', 'uid', 'gate', 'received', 'sent', 'age', 'idle'];

export const sessionsTop: Verb<SessionsTopInput> = {
  examples: ['gatectl sessions top --by received', 'gatectl sessions top --by idle --gate Gate@a1 --once'],
  declare: (command) =>
    withEveryFlag(withSelectorFlags(command), '2s')
      .option(
        '--by <measure>',
        `rank by ${measures.join(', ')} (received)`,
        parseChoice(measures),
        'received' as const,
      )
      .option('--once', 'print once and exit'),
  handlesAbort: true,
  run: async (context, {by, every, once, ...input}) => {
    const {signal, outputOptions} = context;
    const limit = outputOptions.limit ?? defaultLimit;
    const selection = await parseSelection(input);
    const live = once !== true && isLiveTable(context, every);
    const cluster = await context.openReader({reconnect: live, ownsTerminal: live});
    const query = {...selection, order: parseOrder(by), limit, signal};
    const show = async (on: CommandContext, listing: Listing, total: () => Promise<number | undefined>) => {
      const presenter = withColumns(sessionPresenter(timeCells(on)), columnNames, () => undefined);
      return await showListing(
        {...on, outputOptions: {...on.outputOptions, limit}},
        presenter,
        listing,
        total,
      );
    };
    if (!live)
      return await show(context, await cluster.list(query), () =>
        listingTotal(cluster, {...selection, signal}),
      );
    const listAgain = repeatedListing(cluster, query, context.now);
    return await refreshTable(context, every ?? defaultIntervalMs, async (on) => {
      await cluster.lookAgain();
      const {listing, total} = await listAgain();
      return await show(on, listing, async () => total);
    });
  },
};
