import type {LocatedRow} from '../cluster/cluster.js';
import {UsageError} from '../errors.js';
import type {Column} from '../output/sheet.js';
import {sessionSheet, settingColumn} from '../sheets/session-sheet.js';
import {timeCell} from '../sheets/time.js';
import {subjectOf} from './reduce/sessions.js';
import type {ShownRow, State} from './state.js';
import type {ScreenColumn} from './text/columns.js';

/** The order that a column's name is sorted by; the others go by their own name. */
const orderOf: Readonly<Record<string, string>> = {up: 'age'};

/** Which columns stay when the screen is narrow, the first longest. */
const rank = ['session', 'uid', 'gate', 'up', 'idle', 'received', 'sent', 'network', 'ip', 'settings'];
const widest: Readonly<Record<string, number>> = {uid: 32, gate: 26, ip: 22};

/** The columns of the table of sessions, as on the command line; ages tick by the clock of this machine. */
export function sessionColumns({sessions, now}: State): readonly ScreenColumn<ShownRow>[] {
  const sheet = sessionSheet(timeCell('table', now));
  const known = new Map(sheet.columns.map((column) => [column.header.toLowerCase(), column]));
  const names = sessions.columns ?? [...known.keys()];
  const {text} = sessions.order;
  return names.flatMap((name) => {
    const column = known.get(name) ?? settingColumn(name);
    return column === undefined ? [] : [screenColumn(name, column, text, now)];
  });
}

function screenColumn(
  name: string,
  column: Column<LocatedRow>,
  order: string,
  now: number,
): ScreenColumn<ShownRow> {
  const mark = order.replace(/^-/, '') === orderName(name) ? (order.startsWith('-') ? ' ^' : ' v') : '';
  const at = rank.indexOf(name);
  return {
    header: `${column.header}${mark}`,
    cell: (shown) =>
      column.cell({...shown.row, observedAt: subjectOf(shown, now).now}) || (name === 'uid' ? '-' : ''),
    align: column.align,
    rank: at < 0 ? 0.5 : at,
    most: widest[name],
    canCut: at < 0 || name === 'uid' || name === 'gate' || name === 'settings',
    tone: ({vanished}) => (vanished === undefined ? undefined : 'dim'),
  };
}

const orderName = (column: string): string => orderOf[column] ?? column;

/** What the columns are sorted by, from left to right; the column of all settings has no order. */
export function sortableColumns({sessions, now}: State): readonly string[] {
  const all = sessionSheet(timeCell('table', now)).columns;
  const names = sessions.columns ?? all.map(({header}) => header.toLowerCase());
  return names.filter((name) => name !== 'settings').map(orderName);
}

export const columnNames: readonly string[] = rank;

/** Checks names of columns as they are typed. Throws UsageError. */
export function checkColumns(names: readonly string[]): void {
  for (const name of names) {
    if (rank.includes(name) || settingColumn(name) !== undefined) continue;
    throw new UsageError(`there is no column "${name}"`, {
      hint: `choose from ${rank.join(', ')}, settings.<key>`,
    });
  }
}
