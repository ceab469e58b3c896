import {UsageError} from '../../base/errors.js';
import type {LocatedRow} from '../../cluster/cluster.js';
import type {Column} from '../../output/formats/presenter.js';
import {connectionColumns} from '../../presentation/connection-text.js';
import {sessionPresenter, settingColumn} from '../../presentation/session-presenter.js';
import {timeCellFormatter} from '../../presentation/time-format.js';
import {currentFieldName} from '../../selector/selector-fields.js';
import {stuckSortKey} from '../../selector/sort-order.js';
import {stuckSortOrders} from '../../session/connection-state.js';
import {selectorSubjectOfRow} from '../model/reduce/sessions.js';
import type {SessionsState, SessionTableRow, State} from '../model/state.js';
import {fieldMatches} from '../search/plain-search.js';
import type {ScreenColumn} from '../text/table-columns.js';

/** Columns in order of priority. The last ones are dropped first. */
const rank = ['id', 'uid', 'gate', 'age', 'idle', 'settings', 'received', 'sent', 'ip', 'network'];
/** Connection columns, which are fetched for the visible rows. */
const connectionRank = ['waiting', 'oldest', 'packets', 'last sent', 'keep-alive'];
/** Minimum screen width that shows connection columns beside the others. */
const wideScreen = 140;
const widest: Readonly<Record<string, number>> = {uid: 48, gate: 48, ip: 22, settings: 32};

/**
 * Returns the columns of the sessions table, as on the command line. Ages use this machine's clock.
 */
export function sessionColumns(state: State): readonly ScreenColumn<SessionTableRow>[] {
  const {sessions, filters} = state;
  const {columns, order} = sessions;
  const {search} = filters.sessions;
  const ranked = rankOf(state);
  const isSame =
    last?.columns === columns &&
    last?.order === order &&
    last?.search === search &&
    last?.ranked.join() === ranked.join();
  if (last === undefined || !isSame) {
    const [id, uid, ...rest] = columnsOf(sessions, ranked);
    const found = search === undefined ? [] : [matchColumn(search)];
    last = {
      columns,
      order,
      search,
      ranked,
      made: [id, uid, ...found, ...rest].filter((one) => one !== undefined),
    };
  }
  return last.made;
}

/** Columns of the last frame. Rows are reused while the columns are unchanged. */
let last:
  | (Pick<SessionsState, 'columns' | 'order'> & {
      readonly search: string | undefined;
      readonly ranked: readonly string[];
      readonly made: readonly ScreenColumn<SessionTableRow>[];
    })
  | undefined;

/**
 * Returns the columns by priority. If the table is sorted by a connection column, those come first.
 */
function rankOf({sessions: {order}, size}: State): readonly string[] {
  const [id = '', uid = '', ...others] = rank;
  if (stuckSortKey(order) !== undefined) return [id, uid, ...connectionRank.slice(0, 3), ...others];
  return size.columns >= wideScreen ? [...rank, ...connectionRank] : rank;
}

/** Whether the table has connection columns. */
export function showsConnectionColumns(state: State): boolean {
  const {columns} = state.sessions;
  return (columns?.map(currentFieldName) ?? rankOf(state)).some((name) => connectionRank.includes(name));
}

function columnsOf(
  {columns, order}: SessionsState,
  ranked: readonly string[],
): readonly ScreenColumn<SessionTableRow>[] {
  const time = timeCellFormatter('table', 0); // rows have the time that ages refer to
  const all = [...sessionPresenter(time).columns, ...connectionColumns(time)];
  const known = new Map(all.map((column) => [column.header.toLowerCase(), column]));
  const names = columns?.map(currentFieldName) ?? [...known.keys()].filter((name) => ranked.includes(name));
  return names.flatMap((name) => {
    const column = known.get(name) ?? settingColumn(name);
    return column === undefined ? [] : [screenColumn(name, column, {order: order.text, ranked})];
  });
}

/**
 * Returns a column with the first field that contains the search words, and the number of other
 * matching fields.
 */
function matchColumn(words: string): ScreenColumn<SessionTableRow> {
  return {
    header: 'MATCH',
    sort: '',
    cell: ({row}) => {
      const [first, ...more] = fieldMatches(row, words);
      if (first === undefined) return '';
      const also = more.length === 0 ? '' : ` +${more.length}`;
      return first.field.startsWith('settings.')
        ? `${first.field.slice('settings.'.length)}=${first.value}${also}`
        : `${first.field}${also}`;
    },
    priority: 0.7,
    maxWidth: 24,
    canTruncate: true,
    tone: () => 'accent',
  };
}

/** Columns whose text depends on the time. */
const timed: readonly string[] = ['age', 'idle', 'oldest', 'last sent', 'keep-alive'];

/** Returns the row with the time to which its ages refer. */
const rowAt = (shown: SessionTableRow, now: number): LocatedRow => ({
  ...shown.row,
  observedAt: selectorSubjectOfRow(shown, now).now,
});

interface ScreenColumnDeps {
  readonly order: string;
  readonly ranked: readonly string[];
}

function screenColumn(
  name: string,
  column: Column<LocatedRow>,
  {order, ranked}: ScreenColumnDeps,
): ScreenColumn<SessionTableRow> {
  const mark = order.replace(/^-/, '') === name ? (order.startsWith('-') ? ' ^' : ' v') : '';
  const at = ranked.indexOf(name);
  const isTimed = timed.includes(name);
  return {
    header: `${column.header}${mark}`,
    sort: unsortable.includes(name) ? '' : name,
    cell: isTimed
      ? (shown, now) => column.cell(rowAt(shown, now))
      : ({row}) => column.cell(row) || (name === 'uid' ? '-' : ''),
    isTimed,
    align: column.align,
    priority: at < 0 ? 0.5 : at,
    maxWidth: widest[name],
    canTruncate: at < 0 || name === 'uid' || name === 'gate' || name === 'settings',
    tone: ({vanished, row}) => {
      if (vanished !== undefined) return 'dim';
      return name === 'waiting' && (row.connectionState?.waitingBytes ?? 0) > 0 ? 'warn' : undefined;
    },
  };
}

const unsortable: readonly string[] = ['settings', 'packets', 'last sent', 'keep-alive'];

/**
 * Returns the sort fields of the visible columns, left to right, followed by the connection fields.
 * Sorting by one of those shows the connection columns.
 */
export function sortableSessionColumns({sessions, now}: State): readonly string[] {
  const all = sessionPresenter(timeCellFormatter('table', now)).columns;
  const names = sessions.columns?.map(currentFieldName) ?? all.map(({header}) => header.toLowerCase());
  return [...new Set([...names, ...stuckSortOrders])].filter((name) => !unsortable.includes(name));
}

export const sessionColumnNames: readonly string[] = [...rank, ...connectionRank];

/** Throws UsageError if a column is unknown. */
export function validateColumns(names: readonly string[]): void {
  for (const name of names) {
    if (sessionColumnNames.includes(currentFieldName(name)) || settingColumn(name) !== undefined) continue;
    throw new UsageError(`unknown column "${name}"`, {
      hint: `choose from ${sessionColumnNames.join(', ')}, settings.<key>`,
    });
  }
}
