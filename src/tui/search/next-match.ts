import {recordMatches} from '../../cluster/records/record-matches.js';
import {matchesJournalEntry} from '../../presentation/journal-entry-text.js';
import {currentScreen, type State} from '../model/state.js';
import {sortedEvents, sortedJournal, sortedRecords} from '../model/tables/sorted-rows.js';
import {callContains, sortedCalls} from '../model/tables/traced-calls.js';
import type {FilterName, ScreenFilter} from './screen-filter.js';

/**
 * Returns the filter whose matches `n` finds on the current screen: the active filter, or otherwise
 * the last one.
 */
function soughtFilter(state: State): ScreenFilter | undefined {
  const {name} = currentScreen(state);
  return name in state.filters ? state.lastFilters[name as FilterName] : undefined;
}

export const noSearchTextReason = (state: State): string | undefined =>
  (currentScreen(state).name === 'document' ? state.find === '' : soughtFilter(state) === undefined)
    ? 'no search yet: type one with /'
    : undefined;

/**
 * Returns the index of the next (1) or previous (-1) matching row, wrapping around; undefined if
 * there is none.
 */
export function nextMatchIndex(state: State, from: number, by: 1 | -1): number | undefined {
  const filter = soughtFilter(state);
  const isMatch = filter === undefined ? [] : matchesOf(state, filter);
  const count = isMatch.length;
  for (let step = 1; step <= count; step += 1) {
    const at = (from + by * step + count * step) % count;
    if (isMatch[at] === true) return at;
  }
  return undefined;
}

/** Returns for each row of the current table whether it matches. */
function matchesOf(state: State, {text, selector, search}: ScreenFilter): readonly boolean[] {
  const {now, sessions} = state;
  switch (currentScreen(state).name) {
    case 'sessions':
      return sessions.rows.map(({row}) => selector?.matches(row, row.node, row.observedAt ?? now) === true);
    case 'events':
      return sortedEvents(state).map(({clusterEvent}) => {
        if (clusterEvent.type !== 'event') return false;
        return selector?.matches(clusterEvent.event, clusterEvent.node, clusterEvent.event.at) === true;
      });
    case 'records':
      return sortedRecords(state).map(
        (record) => selector !== undefined && recordMatches(record, selector, now),
      );
    case 'trace':
      return sortedCalls(state).map(
        ({traceEvent}) =>
          search !== undefined && traceEvent.type === 'call' && callContains(traceEvent.call, search),
      );
    case 'journal':
      return sortedJournal(state).map((row) => matchesJournalEntry(row, text));
    default:
      return [];
  }
}
