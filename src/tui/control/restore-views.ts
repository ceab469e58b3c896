import {messageAndHint} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';
import {parseSessionOrder} from '../../selector/sort-order.js';
import {validateColumns} from '../layout/session-columns.js';
import type {TableName} from '../model/state.js';
import {type SavedViews, viewsToSave} from '../model/tables/saved-views.js';
import type {SortChoice} from '../model/tables/sort-table-rows.js';
import {type ControlDeps, runInBackground, showNotice} from './control-deps.js';

const section = 'views';

/**
 * Restores the order and columns of the tables, and saves later changes. Returns a function that
 * stops saving.
 */
export function restoreAndSaveViews(deps: ControlDeps): () => void {
  const {store, dashboard} = deps;
  let isStopped = false;
  let off = (): void => {};
  runInBackground(deps, async () => {
    const views = parseSavedViews(await dashboard.stateFile.read(section));
    if (isStopped) return;
    store.dispatch({type: 'restored', views});
    let last = JSON.stringify(viewsToSave(store.get()));
    off = store.subscribe((action) => {
      if (!['sort', 'order', 'columns'].includes(action.type)) return;
      const next = JSON.stringify(viewsToSave(store.get()));
      if (next === last) return;
      last = next;
      runInBackground(deps, () => write(deps));
    });
  });
  return () => {
    isStopped = true;
    off();
  };
}

async function write(deps: ControlDeps): Promise<void> {
  const {store, dashboard} = deps;
  try {
    await dashboard.stateFile.write(section, viewsToSave(store.get()));
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    showNotice(deps, messageAndHint(error), 'bad');
  }
}

const sortable: readonly TableName[] = [
  'overview',
  'session',
  'events',
  'records',
  'record',
  'journal',
  'trace',
  'anomalies',
  'doctor',
];
const mostColumns = 50;
const longestName = 100;

/** Parses the `views` section of the state file, ignoring invalid entries. */
export function parseSavedViews(value: unknown): SavedViews {
  const {order, columns, sorts} = isObject(value) ? value : {};
  return {
    order: typeof order === 'string' && isValid(() => parseSessionOrder(order)) ? order : undefined,
    columns: parseColumns(columns),
    sorts: isObject(sorts)
      ? Object.fromEntries(
          sortable.flatMap((table) => {
            const choice = parseChoice(sorts[table]);
            return choice === undefined ? [] : [[table, choice]];
          }),
        )
      : {},
  };
}

function parseColumns(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > mostColumns) return undefined;
  const names = value.filter((name): name is string => typeof name === 'string');
  return names.length === value.length && names.length > 0 && isValid(() => validateColumns(names))
    ? names
    : undefined;
}

function parseChoice(value: unknown): SortChoice | undefined {
  if (!isObject(value)) return undefined;
  const {column, isReversed} = value;
  if (typeof column !== 'string' || column.length > longestName || typeof isReversed !== 'boolean')
    return undefined;
  return {column, isReversed};
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isValid(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false; // saved by another version of gatectl
  }
}
