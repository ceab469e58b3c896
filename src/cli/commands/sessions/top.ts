import {MistypedValueError, UsageError} from '../../../base/errors.js';
import type {Listing, LocatedRow} from '../../../cluster/cluster.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {connectionColumns} from '../../../presentation/connection-text.js';
import {sessionPresenter} from '../../../presentation/session-presenter.js';
import type {TimeCellFormatter} from '../../../presentation/time-format.js';
import {
  parseSessionOrder,
  type SortOrder,
  stuckSortKey,
  translateSortOrder,
} from '../../../selector/sort-order.js';
import {stuckSortOrders} from '../../../session/connection-state.js';
import {addSelectorFlags, parseSelectorFlags, type SelectorInput} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {parseChoice} from '../../line/parsers.js';
import {countListing} from '../../show/count-listing.js';
import {selectColumns} from '../../show/select-columns.js';
import {contextTimeFormatter, showListing} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {createListingPoller} from './listing-poller.js';
import {addRefreshFlag, isLiveTable, type RefreshInput, refreshTable} from './live-table.js';

const measures = ['received', 'sent', 'idle', 'age', ...stuckSortOrders] as const;

interface SessionsTopInput extends SelectorInput, RefreshInput {
  readonly by: (typeof measures)[number];
}

const parseKnownMeasure = parseChoice(measures);

const parseMeasure = Object.assign((text: string): (typeof measures)[number] => {
  const known = measures.find((one) => one === text);
  const meant = measures.find((one) => one === translateSortOrder(text));
  if (known !== undefined || meant === undefined) return parseKnownMeasure(text);
  throw new MistypedValueError(`cannot rank by "${text}"`, {flag: '--by', typed: text, meant});
}, parseKnownMeasure);

/** Chosen to fit a terminal of 24 rows. */
const defaultLimit = 20;
const defaultIntervalMs = 2000;
const columnNames = ['id', 'uid', 'gate', 'received', 'sent', 'age', 'idle'];
const stuckColumnNames = ['id', 'uid', 'gate'];

export const sessionsTop: Verb<SessionsTopInput> = {
  examples: [
    'gatectl sessions top --by received',
    'gatectl sessions top --by idle --gate Gate@a1 --once',
    'gatectl sessions top --by waiting --once',
  ],
  declare: (command) =>
    addRefreshFlag(addSelectorFlags(command), '2s')
      .option(
        '--by <measure>',
        `rank by ${measures.join(', ')} (received)`,
        parseMeasure,
        'received' as const,
      )
      .option('--once', 'print once and exit'),
  handlesAbort: true,
  run: async (context, {by, every, once, ...input}) => {
    const {signal, outputOptions} = context;
    const limit = outputOptions.limit ?? defaultLimit;
    const selection = await parseSelectorFlags(input);
    const live = once !== true && isLiveTable(context, every);
    const cluster = await context.openReader({reconnect: live, ownsTerminal: live});
    const order = parseSessionOrder(by);
    if (stuckSortKey(order) !== undefined && outputOptions.snapshot !== undefined)
      throw new UsageError(`a snapshot has no queues to rank by "${by}"`, {
        hint: `gatectl sessions top --by ${by}`,
      });
    const query = {...selection, order, limit, signal};
    const show = async (on: CommandContext, listing: Listing, total: () => Promise<number | undefined>) => {
      const presenter = presenterFor(order, contextTimeFormatter(on));
      return await showListing(
        {...on, outputOptions: {...on.outputOptions, limit}},
        presenter,
        listing,
        total,
      );
    };
    if (!live)
      return await show(context, await cluster.list(query), async () =>
        stuckSortKey(order) === undefined ? await countListing(cluster, {...selection, signal}) : undefined,
      );
    const listAgain = createListingPoller(cluster, query, context.now);
    return await refreshTable(context, every ?? defaultIntervalMs, async (on) => {
      await cluster.refreshGates();
      const {listing, total} = await listAgain();
      return await show(on, listing, async () => (stuckSortKey(order) === undefined ? total : undefined));
    });
  },
};

/** Returns the presenter for a sort order. For an order of stuck sessions, it includes the connection columns. */
function presenterFor(order: SortOrder, time: TimeCellFormatter): Presenter<LocatedRow> {
  const presenter = sessionPresenter(time);
  const isStuck = stuckSortKey(order) !== undefined;
  const {columns} = selectColumns(presenter, isStuck ? stuckColumnNames : columnNames, () => undefined);
  return {...presenter, columns: isStuck ? [...columns, ...connectionColumns(time)] : columns};
}
