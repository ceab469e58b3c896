import {UsageError} from '../../base/errors.js';
import {parseSessionOrder} from '../../selector/sort-order.js';
import {sortableSessionColumns} from '../layout/session-columns.js';
import {currentScreen, type State, type TableName} from '../model/state.js';
import {anomalySortKeys, findingSortKeys} from '../model/tables/anomalies-and-findings.js';
import {overviewSortKeys} from '../model/tables/overview-rows.js';
import {reverseSortText, type SortChoice} from '../model/tables/sort-table-rows.js';
import {
  callSortKeys,
  eventSortKeys,
  functionSortKeys,
  journalSortKeys,
  recordFieldSortKeys,
  recordSortKeys,
  settingSortKeys,
} from '../model/tables/table-sort-keys.js';
import type {ControlDeps} from './control-deps.js';

/** Returns the columns by which the current table can be sorted, from left to right. */
export function sortColumnsOf(state: State): readonly string[] {
  const {name} = currentScreen(state);
  return name === 'sessions' ? sortableSessionColumns(state) : Object.keys(sortsOf(name, state));
}

function sortsOf(name: TableName, {trace}: State): Readonly<Record<string, unknown>> {
  switch (name) {
    case 'overview':
      return overviewSortKeys;
    case 'events':
      return eventSortKeys;
    case 'records':
      return recordSortKeys;
    case 'record':
      return recordFieldSortKeys;
    case 'journal':
      return journalSortKeys;
    case 'anomalies':
      return anomalySortKeys;
    case 'doctor':
      return findingSortKeys;
    case 'session':
      return settingSortKeys;
    case 'trace':
      return trace.view === 'calls' ? callSortKeys : functionSortKeys;
    default:
      return {};
  }
}

/**
 * Returns the sort column of the current table, prefixed with `-` if reversed; empty for the
 * default order.
 */
export function sortDescription(state: State): string {
  const {name} = currentScreen(state);
  if (name === 'sessions') return state.sessions.order.text;
  const choice = state.sorts[name];
  return choice === undefined ? '' : `${choice.isReversed ? '-' : ''}${choice.column}`;
}

/** Throws UsageError if the current table can't be sorted this way. */
export function validateSort(text: string, state: State): void {
  if (currentScreen(state).name === 'sessions') parseSessionOrder(text);
  else choiceOf(text, state);
}

/**
 * Sorts the current table by the typed text: a column, `-column`, or nothing for the default order.
 * Throws UsageError.
 */
export function applySort(text: string, {store}: Pick<ControlDeps, 'store'>): void {
  const state = store.get();
  const {name} = currentScreen(state);
  if (name === 'sessions') return store.dispatch({type: 'order', order: parseSessionOrder(text)});
  store.dispatch({type: 'sort', table: name, choice: choiceOf(text, state)});
}

function choiceOf(text: string, state: State): SortChoice | undefined {
  if (text === '') return undefined;
  const isReversed = text.startsWith('-');
  const wanted = text.replace(/^-/, '').toLowerCase();
  const column = sortColumnsOf(state).find((one) => one.toLowerCase() === wanted);
  if (column === undefined)
    throw new UsageError(`unknown column "${text}"`, {hint: sortColumnsOf(state).join(', ').toLowerCase()});
  return {column, isReversed};
}

/** Sorts by the column next to the current sort column. */
export function sortByNextColumn(by: 1 | -1, deps: ControlDeps): void {
  const state = deps.store.get();
  const names = sortColumnsOf(state);
  const at = names.indexOf(sortDescription(state).replace(/^-/, ''));
  const next = at < 0 ? names[0] : names[(at + by + names.length) % names.length];
  if (next !== undefined) applySort(next, deps);
}

export function reverseSort(deps: ControlDeps): void {
  const state = deps.store.get();
  const names = sortColumnsOf(state);
  const text = sortDescription(state);
  const isHere = currentScreen(state).name === 'sessions' || names.includes(text.replace(/^-/, ''));
  const sorted = isHere ? text : names[0]; // another view of the trace has other columns
  if (sorted !== undefined) applySort(reverseSortText(sorted), deps);
}

/**
 * Sorts by the clicked header. A second click reverses the order; a third restores the default
 * order.
 */
export function sortByClickedColumn(column: string, deps: ControlDeps): void {
  const state = deps.store.get();
  const isSessions = currentScreen(state).name === 'sessions';
  if (!isSessions && !sortColumnsOf(state).includes(column)) return; // the header of another table on the same screen
  const text = sortDescription(state);
  if (text === column) return applySort(`-${column}`, deps);
  const isOver = text === `-${column}` && !isSessions;
  applySort(isOver ? '' : column, deps);
}
