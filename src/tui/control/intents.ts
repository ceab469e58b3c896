import {groupedDigits} from '../../output/text/humanize.js';
import {parseOrder} from '../../selector/order.js';
import {celString} from '../../selector/terms.js';
import type {Intent} from '../keymap/keymap.js';
import {activeWindow, frameLayout, maxRows, rowLimit} from '../layout/layout.js';
import {sortableColumns} from '../layout/session-columns.js';
import {filteredEvents, filteredJournal} from '../model/selectors.js';
import {
  currentScreen,
  eventKindChoices,
  type FilterName,
  type Screen,
  type ScreenName,
  type State,
} from '../model/state.js';
import {cursorGate, cursorRecord, cursorRow, targetsAllMatching, targetUid} from '../model/targets.js';
import {type ControlDeps, notify} from './control-deps.js';
import {openDialog} from './dialog-gather.js';
import {editInEditor} from './editor.js';
import {openPrompt, setFilter} from './prompt-input.js';
import {showCommand} from './show-command.js';

const views: readonly ScreenName[] = ['overview', 'sessions', 'events', 'records', 'journal', 'trace'];

/** Does what a key asks for, which it may. */
export function performIntent(intent: Intent, deps: ControlDeps): void {
  const {store} = deps;
  const state = store.get();
  switch (intent) {
    case 'up':
    case 'down':
      return store.dispatch({type: 'move', by: intent === 'up' ? -1 : 1});
    case 'page-up':
    case 'page-down': {
      const page = Math.max(1, frameLayout(state).body - 2);
      return store.dispatch({type: 'move', by: intent === 'page-up' ? -page : page});
    }
    case 'start':
    case 'end':
      return store.dispatch({type: 'move-to', end: intent});
    case 'enter':
      return enter(deps);
    case 'back':
      return back(state, deps);
    case 'next-pane':
    case 'previous-pane':
      return otherPane(state, intent === 'next-pane' ? 1 : -1, deps);
    case 'overview':
    case 'sessions':
    case 'events':
    case 'records':
    case 'journal':
    case 'trace':
      return store.dispatch({type: 'go', screen: {name: intent}});
    case 'help':
      return store.dispatch({type: 'open', screen: {name: 'help'}});
    case 'filter':
    case 'command':
    case 'sort':
    case 'columns':
      return openPrompt(intent, deps);
    case 'sort-next':
    case 'sort-previous':
      return sortBy(state, intent === 'sort-next' ? 1 : -1, deps);
    case 'reverse':
      return store.dispatch({type: 'order', order: parseOrder(turned(state.sessions.order.text))});
    case 'kinds':
      return store.dispatch({type: 'kinds', kinds: nextOf(eventKindChoices, state.events.kinds, 1)});
    case 'trace-shows':
      return store.dispatch({type: 'trace-shows'});
    case 'mark':
      store.dispatch({type: 'mark'});
      return store.dispatch({type: 'move', by: 1});
    case 'mark-all':
      return markAll(deps);
    case 'unmark':
      return store.dispatch({type: intent});
    case 'choose-all':
      return store.dispatch({type: state.sessions.isAllChosen ? 'unmark' : 'choose-all'});
    case 'send':
    case 'bind':
    case 'unbind':
    case 'set':
    case 'unset':
    case 'kick':
    case 'delete-record':
      return openDialog(intent, deps);
    case 'editor':
      return editInEditor(deps);
    case 'show-record':
      return showRecord(state, deps);
    case 'show-command':
      return showCommand(deps);
    case 'refresh':
      return store.dispatch({type: 'refresh'});
    case 'quit':
      return deps.quit();
    default:
      intent satisfies never;
  }
}

const turned = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);

function nextOf<T>(all: readonly T[], one: T, by: number): T {
  return all[(all.indexOf(one) + by + all.length) % all.length] ?? one;
}

/** Only what is listed can be marked; where there are more, that is said. */
function markAll(deps: ControlDeps): void {
  const {store} = deps;
  store.dispatch({type: 'mark-all'});
  const state = store.get();
  const {rows, total} = state.sessions;
  const isFiltered = state.filters.sessions.selector !== undefined;
  const listed = rows.filter(({vanished}) => vanished === undefined).length;
  if (total === undefined ? listed < rowLimit(state) : listed >= total) return;
  const of = total === undefined ? '' : ` of ${groupedDigits(total)}`;
  const further = listed < maxRows ? 'G lists more, then a again' : 'with a filter * chooses all that match';
  const more = isFiltered ? '* chooses all that match' : further;
  notify(deps, `only the ${groupedDigits(listed)} listed${of} are marked: ${more}`, 'warn');
}

/** Into what the cursor is on. */
function enter(deps: ControlDeps): void {
  const {store} = deps;
  const state = store.get();
  const screen = inside(state);
  if (screen !== undefined) return store.dispatch({type: 'open', screen});
  if (currentScreen(state).name !== 'overview') return;
  const gate = cursorGate(state);
  store.dispatch({type: 'open', screen: {name: 'sessions'}});
  setFilter('sessions', gate === undefined ? '' : `gate == ${celString(gate)}`, deps);
}

function inside(state: State): Screen | undefined {
  const {index} = activeWindow(state);
  switch (currentScreen(state).name) {
    case 'sessions': {
      const row = cursorRow(state);
      return row === undefined ? undefined : {name: 'session', subject: row.key};
    }
    case 'session':
      return sessionInside(state);
    case 'events':
      return eventInside(state, index);
    case 'records': {
      const record = cursorRecord(state);
      return record === undefined ? undefined : {name: 'record', subject: record.uid};
    }
    case 'record': {
      const [live] = state.records.shown?.liveSessions ?? [];
      return live === undefined
        ? undefined
        : {name: 'session', subject: `${live.node}/${live.session.sessionId}`};
    }
    case 'trace':
      return callInside(state, index);
    case 'journal': {
      const entry = filteredJournal(state)[index];
      return entry === undefined ? undefined : {name: 'entry', subject: entry.id};
    }
    default:
      return undefined;
  }
}

/** The session that a call is about, on the node that was called: a backend has none. */
function callInside({trace, gates}: State, index: number): Screen | undefined {
  const told = trace.received[index]?.traceEvent;
  if (told?.type !== 'call' || told.call.session === '' || !gates.has(told.call.node)) return undefined;
  return {name: 'session', subject: `${told.call.node}/${told.call.session}`};
}

/** From a session that is gone to where its user is now. */
function sessionInside({detail}: State): Screen | undefined {
  const [other] = detail?.otherSessions ?? [];
  return detail?.gone === undefined || other === undefined ? undefined : {name: 'session', subject: other};
}

function eventInside(state: State, index: number): Screen | undefined {
  const told = filteredEvents(state)[index]?.clusterEvent;
  return told?.type === 'event'
    ? {name: 'session', subject: `${told.node}/${told.event.session.sessionId}`}
    : undefined;
}

/** Out of a screen; on the outermost, out of its filter. */
function back(state: State, deps: ControlDeps): void {
  const {name} = currentScreen(state);
  if (state.stack.length > 1) return deps.store.dispatch({type: 'back'});
  if (targetsAllMatching(state)) return deps.store.dispatch({type: 'unmark'});
  if (name in state.filters && state.filters[name as FilterName].text !== '') {
    return deps.store.dispatch({type: 'filter', name: name as FilterName, filter: {text: ''}});
  }
  if (state.sessions.marks.size > 0 && name === 'sessions') deps.store.dispatch({type: 'unmark'});
}

function otherPane(state: State, by: 1 | -1, {store}: ControlDeps): void {
  const {name} = currentScreen(state);
  if (name === 'session') return store.dispatch({type: 'pane'});
  const at = views.includes(name)
    ? name
    : (state.stack.find((screen) => views.includes(screen.name))?.name ?? 'overview');
  const there = views.filter((name) => name !== 'trace' || state.trace.unavailable === undefined);
  store.dispatch({type: 'go', screen: {name: nextOf(there, at, by)}});
}

/** The next of the columns that are shown. */
function sortBy(state: State, by: 1 | -1, {store}: ControlDeps): void {
  const names = sortableColumns(state);
  const current = state.sessions.order.text.replace(/^-/, '');
  const next = names.includes(current) ? nextOf(names, current, by) : names[0];
  if (next !== undefined) store.dispatch({type: 'order', order: parseOrder(next)});
}

function showRecord(state: State, {store}: ControlDeps): void {
  const uid = targetUid(state);
  if (uid !== undefined) store.dispatch({type: 'open', screen: {name: 'record', subject: uid}});
}
