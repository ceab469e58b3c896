import type {State} from '../model/state.js';
import {matchCountsByField} from './plain-search.js';
import type {FilterName, ScreenFilter} from './screen-filter.js';

/** Returns the filter as shown in the screen's summary; empty if there is no filter. */
export function filterSummary({text, selector, search}: ScreenFilter): string {
  if (search !== undefined) return `search "${search}"`;
  return text === '' ? '' : `where ${selector?.text ?? text}`;
}

/**
 * Describes how a typed filter was interpreted and how many rows it found; undefined if it was used
 * as typed.
 */
export function filterInterpretation(state: State, name: FilterName): string | undefined {
  const {text, selector, search} = state.filters[name];
  if (search === undefined)
    return selector === undefined || selector.text === text ? undefined : `means ${selector.text}`;
  if (name === 'trace') return `searches function, node, caller, uid, id and text for "${search}"`;
  if (name !== 'sessions') return `searches uid, id, IP and settings for "${search}"`;
  const {rows, answer} = state.sessions;
  if (answer === undefined) return 'asking the gates …';
  const tally = matchCountsByField(
    rows.filter(({vanished}) => vanished === undefined).map(({row}) => row),
    search,
  );
  return tally === ''
    ? `no uid, id, IP or setting contains "${search}" (case-sensitive)`
    : `found in ${tally}`;
}
