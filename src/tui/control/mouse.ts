import {clickableRows} from '../layout/layout.js';
import {tabAt} from '../layout/tabs.js';
import {currentScreen} from '../model/state.js';
import type {ControlDeps} from './control-deps.js';
import {performIntent} from './intents.js';

const wheelRows = 3;

export function wheel(by: -1 | 1, {store}: ControlDeps): void {
  store.dispatch({type: 'move', by: by * wheelRows});
}

/** A click on a tab opens it, on a row selects it, and on the selected row opens it. */
export function click(
  {column, row}: {readonly column: number; readonly row: number},
  deps: ControlDeps,
): void {
  const {store} = deps;
  const state = store.get();
  const tab = row === 1 ? tabAt(state, column) : undefined;
  if (tab !== undefined) return performIntent(tab, deps);
  const table = clickableRows(state);
  if (table === undefined || row < table.top || row >= table.top + table.height) return;
  const index = table.first + row - table.top;
  if (index >= table.count) return;
  if (index === table.cursor && currentScreen(state).name !== 'session') return performIntent('enter', deps);
  store.dispatch({type: 'point', index});
}
