import {UsageError} from '../../base/errors.js';
import {parseOrder} from '../../selector/order.js';
import {sortableColumns} from '../layout/session-columns.js';
import {currentScreen, type State, type TableName} from '../model/state.js';
import {anomalySorts, findingSorts} from '../model/tables/check-rows.js';
import {overviewSorts} from '../model/tables/overview-rows.js';
import {reversedSort, type SortChoice} from '../model/tables/sorting.js';
import {
  callSorts,
  eventSorts,
  fieldSorts,
  functionSorts,
  journalSorts,
  recordSorts,
  settingSorts,
} from '../model/tables/table-sorts.js';
import type {ControlDeps} from './control-deps.js';

/** Returns the columns by which the current table can be sorted, from left to right. */
export function sortColumnsOf(state: State): readonly string[] {
  const {name} = currentScreen(state);
  return name === 'sessions' ? sortableColumns(state) : Object.keys(sortsOf(name, state));
}

function sortsOf(name: TableName, {trace}: State): Readonly<Record<string, unknown>> {
  switch (name) {
    case 'overview':
      return overviewSorts;
    case 'events':
      return eventSorts;
    case 'records':
      return recordSorts;
    case 'record':
      return fieldSorts;
    case 'journal':
      return journalSorts;
    case 'anomalies':
      return anomalySorts;
    case 'doctor':
      return findingSorts;
    case 'session':
      return settingSorts;
    case 'trace':
      return trace.view === 'calls' ? callSorts : functionSorts;
    default:
      return {};
  }
}

/**
 * Returns the sort column of the current table, prefixed with `-` if reversed; empty for the
 * default order.
 */
export function sortText(state: State): string {
  const {name} = currentScreen(state);
  if (name === 'sessions') return state.sessions.order.text;
  const choice = state.sorts[name];
  return choice === undefined ? '' : `${choice.isReversed ? '-' : ''}${choice.column}`;
}

/** Throws UsageError if the current table can't be sorted this way. */
export function checkSort(text: string, state: State): void {
  if (currentScreen(state).name === 'sessions') parseOrder(text);
  else choiceOf(text, state);
}

/**
 * Sorts the current table by the typed text: a column, `-column`, or nothing for the default order.
 * Throws UsageError.
 */
export function sortBy(text: string, {store}: Pick<ControlDeps, 'store'>): void {
  const state = store.get();
  const {name} = currentScreen(state);
  if (name === 'sessions') return store.dispatch({type: 'order', order: parseOrder(text)});
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
export function sortByNeighbour(by: 1 | -1, deps: ControlDeps): void {
  const state = deps.store.get();
  const names = sortColumnsOf(state);
  const at = names.indexOf(sortText(state).replace(/^-/, ''));
  const next = at < 0 ? names[0] : names[(at + by + names.length) % names.length];
  if (next !== undefined) sortBy(next, deps);
}

export function reverseSort(deps: ControlDeps): void {
  const state = deps.store.get();
  const names = sortColumnsOf(state);
  const text = sortText(state);
  const isHere = currentScreen(state).name === 'sessions' || names.includes(text.replace(/^-/, ''));
  const sorted = isHere ? text : names[0]; // another view of the trace has other columns
  if (sorted !== undefined) sortBy(reversedSort(sorted), deps);
}

/**
 * Sorts by the clicked header. A second click reverses the order; a third restores the default
 * order.
 */
export function sortByClick(column: string, deps: ControlDeps): void {
  const state = deps.store.get();
  const isSessions = currentScreen(state).name === 'sessions';
  if (!isSessions && !sortColumnsOf(state).includes(column)) return; // a table beside that of the screen
  const text = sortText(state);
  if (text === column) return sortBy(`-${column}`, deps);
  const isOver = text === `-${column}` && !isSessions;
  sortBy(isOver ? '' : column, deps);
}
