import {UsageError} from '../../../base/errors.js';
import {
  sessionPresenter,
  sessionPresenterWithSource,
  settingColumn,
} from '../../../presentation/session-presenter.js';
import {parseSessionOrder, type SortOrder, stuckSortKey} from '../../../selector/sort-order.js';
import {addSelectorFlags, parseSelectorFlags, type SelectorInput} from '../../bulk/selector-flags.js';
import {addGateRecordsFlag, hintStockSources, type StockSourceInput} from '../../line/stock-flags.js';
import {countListing} from '../../show/count-listing.js';
import {notice} from '../../show/notices.js';
import {checkColumns, parseColumns, selectColumns} from '../../show/select-columns.js';
import {contextTimeByteWriter, contextTimeFormatter, showListing} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsListInput extends SelectorInput, StockSourceInput {
  readonly sort?: SortOrder | undefined;
  readonly columns?: readonly string[] | undefined;
}

export const sessionsList: Verb<SessionsListInput> = {
  examples: [
    'gatectl sessions list --setting vip=1 --older-than 5m',
    'gatectl sessions list -o json --columns id,uid',
    'gatectl sessions list -o csv >sessions.csv',
    'gatectl sessions list --store redis://127.0.0.1:6379/0 --tap 10s',
    'gatectl sessions list --where \'uid.startsWith("bot") || guest\' --sort received:desc --limit 20 -o json',
  ],
  declare: (command) =>
    addGateRecordsFlag(addSelectorFlags(command))
      .option(
        '--sort <field>',
        'sort by a column; set the direction with age:asc or uid:desc (numbers desc, text asc)',
        parseListingOrder,
      )
      .option(
        '--columns <names>',
        'columns and JSON members to show, such as id,uid,settings.room',
        parseColumns,
      ),
  run: async (context, {sort, columns, ...input}) => {
    const {signal, outputOptions} = context;
    const {limit} = outputOptions;
    checkColumns(context, columns);
    const usesStock = await context.usesStock();
    const time = contextTimeFormatter(context);
    const defaults = usesStock
      ? sessionPresenterWithSource(time)
      : sessionPresenter(time, contextTimeByteWriter(context));
    const presenter = selectColumns(defaults, columns, settingColumn);
    const selection = await parseSelectorFlags(input);
    const cluster = await context.openReader();
    const listing = await cluster.list({...selection, order: sort, limit, signal});
    const code = await showListing(context, presenter, listing, () =>
      countListing(cluster, {...selection, signal}),
    );
    const direction = limit === undefined || outputOptions.quiet ? undefined : ageDirection(sort);
    if (direction !== undefined) await notice(context, direction);
    await hintStockSources(context, listing.outcomes(), selection.where?.names?.uid);
    return code;
  },
};

/** Says which end of a cut list is shown, because other tools sort ages and times the other way round. */
function ageDirection(order: SortOrder | undefined): string | undefined {
  if (order?.text === 'age') return 'oldest first; for the newest: --sort age:asc';
  return order?.text === '-age' ? 'newest first; for the oldest: --sort age:desc' : undefined;
}

/** Parses the sort order of a listing. Throws UsageError for orders that gates report for stuck sessions only. */
function parseListingOrder(text: string): SortOrder {
  const order = parseSessionOrder(text);
  const stuck = stuckSortKey(order);
  if (stuck === undefined) return order;
  throw new UsageError(`cannot sort a listing by "${stuck}": gates report it for stuck sessions only`, {
    hint: `gatectl sessions top --by ${stuck} --once`,
  });
}
