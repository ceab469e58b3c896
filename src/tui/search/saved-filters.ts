import {messageAndHint} from '../../base/error-details.js';
import {GatectlError, UsageError} from '../../base/errors.js';
import {type ControlDeps, runInBackground, showNotice} from '../control/control-deps.js';
import {promptFilterName} from '../model/row-keys.js';
import {interpretFilter} from './interpret-filter.js';
import {parseSavedFilters, type SavedFilters} from './screen-filter.js';

const section = 'filters';

/** Loads the saved filters and the prompt histories from the state file. */
export function loadSavedFilters({store, dashboard, ...deps}: ControlDeps): void {
  runInBackground({store, dashboard, ...deps}, async () => {
    const kept = parseSavedFilters(await dashboard.stateFile.read(section));
    store.dispatch({type: 'kept-filters', kept});
  });
}

/** Updates the filters and writes them to the state file. */
export function updateSavedFilters(kept: SavedFilters, deps: ControlDeps): void {
  const {store, dashboard} = deps;
  if (kept === store.get().savedFilters) return;
  store.dispatch({type: 'kept-filters', kept});
  runInBackground(deps, async () => {
    try {
      await dashboard.stateFile.write(section, kept);
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      showNotice(deps, messageAndHint(error), 'bad');
    }
  });
}

/**
 * Saves the filter of the current screen under a name. Throws UsageError if there is no filter or
 * the name is invalid.
 */
export function saveFilter(name: string, deps: ControlDeps): void {
  const state = deps.store.get();
  const screen = promptFilterName(state);
  const {text} = state.filters[screen];
  if (!/^[\w.-]{1,40}$/.test(name))
    throw new UsageError(`invalid name "${name}"`, {hint: 'use up to 40 letters, digits, "-", "_" and "."'});
  if (text === '') throw new UsageError('there is no filter to save', {hint: 'type one with /'});
  const {savedFilters} = state;
  updateSavedFilters({...savedFilters, saved: {...savedFilters.saved, [name]: {screen, text}}}, deps);
  showNotice(deps, `saved; to apply it: :filter ${name}`, 'plain');
}

/** Opens the screen of a saved filter and applies it. */
export async function applySavedFilter(name: string, {store}: ControlDeps): Promise<void> {
  const {saved} = store.get().savedFilters;
  const {screen, text} = savedNamed(name, saved);
  const understood = await interpretFilter(screen, text);
  if ('fault' in understood) throw new UsageError(understood.fault.message, {hint: understood.fault.hint});
  store.dispatch({type: 'go', screen: {name: screen}});
  store.dispatch({type: 'filter', name: screen, filter: understood.filter});
}

export function deleteSavedFilter(name: string, deps: ControlDeps): void {
  const {savedFilters} = deps.store.get();
  savedNamed(name, savedFilters.saved);
  const {[name]: _, ...saved} = savedFilters.saved;
  updateSavedFilters({...savedFilters, saved}, deps);
  showNotice(deps, `forgot the filter ${name}`);
}

function savedNamed(name: string, saved: SavedFilters['saved']): SavedFilters['saved'][string] {
  const filter = Object.hasOwn(saved, name) ? saved[name] : undefined;
  if (filter !== undefined) return filter;
  const names = Object.keys(saved).join(' ');
  throw new UsageError(`no saved filter "${name}"`, {
    hint: names === '' ? "save a screen's filter: :save <name>" : `saved: ${names}`,
  });
}
