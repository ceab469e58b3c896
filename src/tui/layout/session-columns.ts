import {UsageError} from '../../base/errors.js';
import type {LocatedRow} from '../../cluster/cluster.js';
import type {Column} from '../../output/formats/presenter.js';
import {sessionPresenter, settingColumn} from '../../presentation/session-presenter.js';
import {timeCell} from '../../presentation/time.js';
import {fieldNameOf} from '../../selector/fields.js';
import {selectorSubject} from '../model/reduce/sessions.js';
import type {SessionsState, ShownRow, State} from '../model/state.js';
import {matchesIn} from '../search/search-terms.js';
import type {ScreenColumn} from '../text/columns.js';

/** Columns by priority; the last are dropped first. */
const rank = ['id', 'uid', 'gate', 'age', 'idle', 'settings', 'received', 'sent', 'ip', 'network'];
const widest: Readonly<Record<string, number>> = {uid: 48, gate: 48, ip: 22, settings: 32};

/** Columns of the sessions table, as on the command line; ages use this machine's clock. */
export function sessionColumns({sessions, filters, now}: State): readonly ScreenColumn<ShownRow>[] {
  const {columns, order} = sessions;
  const {search} = filters.sessions;
  const isSame = last?.columns === columns && last?.order === order && last?.search === search;
  if (last === undefined || last.now !== now || !isSame) {
    const [id, uid, ...rest] = columnsOf(sessions, now);
    const found = search === undefined ? [] : [matchColumn(search)];
    last = {
      now,
      columns,
      order,
      search,
      made: [id, uid, ...found, ...rest].filter((one) => one !== undefined),
    };
  }
  return last.made;
}

/** Columns of the last frame; unchanged columns let rows be reused. */
let last:
  | (Pick<SessionsState, 'columns' | 'order'> & {
      readonly now: number;
      readonly search: string | undefined;
      readonly made: readonly ScreenColumn<ShownRow>[];
    })
  | undefined;

function columnsOf(sessions: SessionsState, now: number): readonly ScreenColumn<ShownRow>[] {
  const sheet = sessionPresenter(timeCell('table', now));
  const known = new Map(sheet.columns.map((column) => [column.header.toLowerCase(), column]));
  const names = sessions.columns?.map(fieldNameOf) ?? [...known.keys()];
  const {text} = sessions.order;
  const seen = rowAt(now);
  return names.flatMap((name) => {
    const column = known.get(name) ?? settingColumn(name);
    return column === undefined ? [] : [screenColumn(name, column, text, seen)];
  });
}

/** The first field that contains the searched words, and how many more do. */
function matchColumn(words: string): ScreenColumn<ShownRow> {
  return {
    header: 'MATCH',
    sort: '',
    cell: ({row}) => {
      const [first, ...more] = matchesIn(row, words);
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

/** Returns a row with current ages, computed once for all its cells. */
function rowAt(now: number): (shown: ShownRow) => LocatedRow {
  const rows = new WeakMap<ShownRow, LocatedRow>();
  return (shown) => {
    const known = rows.get(shown);
    if (known !== undefined) return known;
    const row = {...shown.row, observedAt: selectorSubject(shown, now).now};
    rows.set(shown, row);
    return row;
  };
}

function screenColumn(
  name: string,
  column: Column<LocatedRow>,
  order: string,
  seen: (shown: ShownRow) => LocatedRow,
): ScreenColumn<ShownRow> {
  const mark = order.replace(/^-/, '') === name ? (order.startsWith('-') ? ' ^' : ' v') : '';
  const at = rank.indexOf(name);
  return {
    header: `${column.header}${mark}`,
    sort: name === 'settings' ? '' : name,
    cell: (shown) => column.cell(seen(shown)) || (name === 'uid' ? '-' : ''),
    align: column.align,
    priority: at < 0 ? 0.5 : at,
    maxWidth: widest[name],
    canTruncate: at < 0 || name === 'uid' || name === 'gate' || name === 'settings',
    tone: ({vanished}) => (vanished === undefined ? undefined : 'dim'),
  };
}

/** Sort fields of the shown columns, left to right. The settings column can't be sorted. */
export function sortableColumns({sessions, now}: State): readonly string[] {
  const all = sessionPresenter(timeCell('table', now)).columns;
  const names = sessions.columns?.map(fieldNameOf) ?? all.map(({header}) => header.toLowerCase());
  return names.filter((name) => name !== 'settings');
}

export const columnNames: readonly string[] = rank;

/** Throws UsageError for an unknown column. */
export function checkColumns(names: readonly string[]): void {
  for (const name of names) {
    if (rank.includes(fieldNameOf(name)) || settingColumn(name) !== undefined) continue;
    throw new UsageError(`unknown column "${name}"`, {
      hint: `choose from ${rank.join(', ')}, settings.<key>`,
    });
  }
}
