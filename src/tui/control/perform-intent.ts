import {formatCount, formatPlural} from '../../output/text/humanize.js';
import {celStringLiteral} from '../../selector/cel-terms.js';
import {parseSessionOrder} from '../../selector/sort-order.js';
import {
  copyToClipboard,
  findInDocument,
  openDocument,
  openMessagesDocument,
  openRowDocument,
} from '../documents/document-keys.js';
import {documentUnderCursor} from '../documents/value-under-cursor.js';
import {equivalentCommand} from '../keymap/equivalent-command.js';
import type {Intent} from '../keymap/keymap.js';
import {currentTableWindow, frameLayout, sessionsToRequest} from '../layout/screen-layout.js';
import type {UserAction} from '../model/action.js';
import {
  cursorGateId,
  cursorRecord,
  cursorRow,
  isTargetingAllMatches,
  uidOfTarget,
} from '../model/action-targets.js';
import type {ActionSpecKind} from '../model/dialog-types.js';
import type {PromptKind} from '../model/prompt.js';
import {comparedSession} from '../model/record-field-rows.js';
import {maxRequestedRows} from '../model/reduce/sessions.js';
import {currentScreen, eventKindFilters, type Screen, type ScreenName, type State} from '../model/state.js';
import {anomalyScreen, cursorAnomaly} from '../model/tables/anomalies-and-findings.js';
import {cursorWrite, runningWriteCount} from '../model/tables/dashboard-writes.js';
import {sortedEvents, sortedJournal} from '../model/tables/sorted-rows.js';
import {callSession} from '../model/tables/traced-calls.js';
import {nextMatchIndex} from '../search/next-match.js';
import type {FilterName} from '../search/screen-filter.js';
import {stopJob} from './background-jobs.js';
import {type ControlDeps, showNotice} from './control-deps.js';
import {editSettingsInEditor} from './edit-settings.js';
import {openActionDialog} from './open-dialog.js';
import {openPrompt, setFilter} from './prompt-input.js';
import {reverseSort, sortByNextColumn} from './sort-table.js';

const views: readonly ScreenName[] = [
  'overview',
  'sessions',
  'events',
  'records',
  'journal',
  'trace',
  'anomalies',
  'doctor',
  'writes',
];

type Handler = (state: State, deps: ControlDeps) => void;

const dispatch =
  (action: UserAction): Handler =>
  (_, {store}) =>
    store.dispatch(action);

const goTo = (name: ScreenName): Handler => dispatch({type: 'go', screen: {name}});

const moveByPage =
  (direction: 1 | -1): Handler =>
  (state, {store}) =>
    store.dispatch({type: 'move', by: direction * Math.max(1, frameLayout(state).body - 2)});

const prompt =
  (kind: PromptKind): Handler =>
  (_, deps) =>
    openPrompt(kind, deps);

const dialog =
  (kind: ActionSpecKind): Handler =>
  (_, deps) =>
    openActionDialog(kind, deps);

function goToMatch(by: 1 | -1): Handler {
  return (state, deps) => {
    if (currentScreen(state).name === 'document') {
      if (!findInDocument(by, currentTableWindow(state).index, deps))
        showNotice(deps, `no line contains "${state.find}"`, 'warn');
      return;
    }
    const index = nextMatchIndex(state, currentTableWindow(state).index, by);
    if (index === undefined) return showNotice(deps, 'no listed row matches the last search', 'warn');
    deps.store.dispatch({type: 'point', index});
  };
}

const handlers: Readonly<Record<Intent, Handler>> = {
  up: dispatch({type: 'move', by: -1}),
  down: dispatch({type: 'move', by: 1}),
  'page-up': moveByPage(-1),
  'page-down': moveByPage(1),
  start: goToStart,
  end: goToEnd,
  enter: openSelected,
  back: goBack,
  'next-pane': (state, deps) => switchPane(state, 1, deps),
  'previous-pane': (state, deps) => switchPane(state, -1, deps),
  overview: goTo('overview'),
  sessions: goTo('sessions'),
  events: goTo('events'),
  records: goTo('records'),
  journal: goTo('journal'),
  trace: goTo('trace'),
  anomalies: goTo('anomalies'),
  doctor: goTo('doctor'),
  writes: goTo('writes'),
  undo: dialog('undo'),
  'stop-write': (state, {store}) => void stopJob(store, cursorWrite(state)?.number),
  help: dispatch({type: 'open', screen: {name: 'help'}}),
  filter: (state, deps) => openPrompt(currentScreen(state).name === 'document' ? 'find' : 'filter', deps),
  'next-match': goToMatch(1),
  'previous-match': goToMatch(-1),
  command: prompt('command'),
  sort: prompt('sort'),
  columns: prompt('columns'),
  'sort-next': (_, deps) => sortByNextColumn(1, deps),
  'sort-previous': (_, deps) => sortByNextColumn(-1, deps),
  reverse: (_, deps) => reverseSort(deps),
  kinds: ({events}, {store}) =>
    store.dispatch({type: 'kinds', kinds: nextOf(eventKindFilters, events.kinds, 1)}),
  'trace-view': dispatch({type: 'trace-view'}),
  'trace-own': dispatch({type: 'trace-own'}),
  'trace-bodies': dispatch({type: 'trace-bodies'}),
  mark: (_, {store}) => {
    store.dispatch({type: 'mark'});
    store.dispatch({type: 'move', by: 1});
  },
  'mark-all': (_, deps) => markAll(deps),
  unmark: dispatch({type: 'unmark'}),
  'choose-all': ({sessions}, {store}) =>
    store.dispatch({type: sessions.isAllChosen ? 'unmark' : 'choose-all'}),
  send: dialog('send'),
  bind: dialog('bind'),
  unbind: dialog('unbind'),
  set: dialog('set'),
  unset: dialog('unset'),
  kick: dialog('kick'),
  'delete-record': dialog('delete-record'),
  drain: dialog('drain'),
  resume: dialog('resume'),
  editor: (_, deps) => editSettingsInEditor(deps),
  whole: openRowDocument,
  copy: copyToClipboard,
  'write-file': prompt('write'),
  messages: openMessagesDocument,
  'live-session': (state, {store}) => {
    const screen = currentScreen(state).name === 'trace' ? callSession(state) : recordSession(state);
    if (screen !== undefined) store.dispatch({type: 'open', screen});
  },
  waiting: openWaiting,
  'show-record': showRecord,
  'show-command': showCommand,
  refresh: dispatch({type: 'refresh'}),
  quit: quitAfterWrites,
};

/** Performs an intent if it is available in the current state. */
export function performIntent(intent: Intent, deps: ControlDeps): void {
  handlers[intent](deps.store.get(), deps);
}

function nextOf<T>(all: readonly T[], one: T, by: number): T {
  return all[(all.indexOf(one) + by + all.length) % all.length] ?? one;
}

/** Moves to the first row. In the sessions table, lists the first sessions again. */
function goToStart({sessions, ...state}: State, {store}: ControlDeps): void {
  if (currentScreen({sessions, ...state}).name === 'sessions' && sessions.isAtEnd)
    return store.dispatch({type: 'sessions-end', isAtEnd: false});
  store.dispatch({type: 'move-to', end: 'start'});
}

/**
 * Moves to the last row. In the sessions table, lists the last sessions if only the first are
 * listed.
 */
function goToEnd(state: State, {store}: ControlDeps): void {
  const {isAtEnd, rows, total} = state.sessions;
  const isListed =
    isAtEnd || (total === undefined ? rows.length < sessionsToRequest(state) : rows.length >= total);
  if (currentScreen(state).name === 'sessions' && !isListed)
    return store.dispatch({type: 'sessions-end', isAtEnd: true});
  store.dispatch({type: 'move-to', end: 'end'});
}

const stillRuns = 'stops when you quit: press q again, or watch it on 9';

/** Quits; while writes run, which quitting stops, only at the second request. */
function quitAfterWrites(state: State, deps: ControlDeps): void {
  const running = runningWriteCount(state);
  if (running === 0 || state.notice?.text.endsWith(stillRuns) === true) return deps.quit();
  showNotice(deps, `${formatPlural(running, 'running write')} ${stillRuns}`, 'warn');
}

/** Marks the listed rows, and warns if more sessions match than are listed. */
function markAll(deps: ControlDeps): void {
  const {store} = deps;
  store.dispatch({type: 'mark-all'});
  const state = store.get();
  const {rows, total} = state.sessions;
  const isFiltered = state.filters.sessions.selector !== undefined;
  const listed = rows.filter(({vanished}) => vanished === undefined).length;
  if (total === undefined ? listed < sessionsToRequest(state) : listed >= total) return;
  const of = total === undefined ? '' : ` of ${formatCount(total)}`;
  const further =
    listed < maxRequestedRows
      ? 'scroll down to list more, then a again'
      : 'filter first, then * selects all matches';
  const more = isFiltered ? '* selects all matches' : further;
  showNotice(deps, `only the ${formatCount(listed)} listed${of} are marked: ${more}`, 'warn');
}

/** Opens the row under the cursor. */
function openSelected(state: State, deps: ControlDeps): void {
  const {store} = deps;
  const screen = screenOfSelected(state);
  if (screen !== undefined) return store.dispatch({type: 'open', screen});
  const value = documentUnderCursor(state);
  if (value !== undefined) return openDocument(value, deps);
  const {name} = currentScreen(state);
  if (['session', 'trace', 'doctor', 'writes'].includes(name)) return openRowDocument(state, deps);
  if (name === 'anomalies') return openUser(state, deps);
  if (name === 'overview') openGateSessions(state, deps);
}

/** Lists the sessions of the gate under the cursor, or of all gates, the most waiting bytes first. */
function openWaiting(state: State, deps: ControlDeps): void {
  openGateSessions(state, deps);
  deps.store.dispatch({type: 'order', order: parseSessionOrder('waiting')});
}

/** Lists the sessions of the gate under the cursor, or of all gates. */
function openGateSessions(state: State, deps: ControlDeps): void {
  const gate = cursorGateId(state);
  deps.store.dispatch({type: 'open', screen: {name: 'sessions'}});
  setFilter('sessions', gate === undefined ? '' : `gate == ${celStringLiteral(gate)}`, deps);
}

/** Lists the sessions of an anomaly's uid. */
function openUser(state: State, deps: ControlDeps): void {
  const anomaly = cursorAnomaly(state);
  if (anomaly === undefined) return;
  deps.store.dispatch({type: 'open', screen: {name: 'sessions'}});
  setFilter('sessions', `uid == ${celStringLiteral(anomaly.subject)}`, deps);
}

function screenOfSelected(state: State): Screen | undefined {
  const {index} = currentTableWindow(state);
  switch (currentScreen(state).name) {
    case 'sessions': {
      const row = cursorRow(state);
      return row === undefined ? undefined : {name: 'session', subject: row.key};
    }
    case 'session':
      return state.detail?.pane === 'live' ? returnedSession(state) : undefined;
    case 'events':
      return eventSession(state, index);
    case 'records': {
      const record = cursorRecord(state);
      return record === undefined ? undefined : {name: 'record', subject: record.uid};
    }
    case 'anomalies':
      return anomalyScreen(state);
    case 'journal': {
      const entry = sortedJournal(state)[index];
      return entry === undefined ? undefined : {name: 'entry', subject: entry.id};
    }
    default:
      return undefined;
  }
}

/** Returns the live session that is compared with the displayed record. */
function recordSession(state: State): Screen | undefined {
  const live = comparedSession(state);
  return live && {name: 'session', subject: `${live.node}/${live.session.sessionId}`};
}

/** Returns the user's new session if the displayed one has closed. */
function returnedSession({detail}: State): Screen | undefined {
  const [other] = detail?.otherSessions ?? [];
  return detail?.gone === undefined || other === undefined ? undefined : {name: 'session', subject: other};
}

function eventSession(state: State, index: number): Screen | undefined {
  const told = sortedEvents(state)[index]?.clusterEvent;
  return told?.type === 'event'
    ? {name: 'session', subject: `${told.node}/${told.event.session.sessionId}`}
    : undefined;
}

/** Leaves the screen. On a top-level screen, clears the selection, the marks or the filter. */
function goBack(state: State, deps: ControlDeps): void {
  const {name} = currentScreen(state);
  if (state.stack.length > 1) return deps.store.dispatch({type: 'back'});
  if (isTargetingAllMatches(state)) return deps.store.dispatch({type: 'unmark'});
  if (name in state.filters && state.filters[name as FilterName].text !== '') {
    return deps.store.dispatch({type: 'filter', name: name as FilterName, filter: {text: ''}});
  }
  if (state.sessions.marks.size > 0 && name === 'sessions') deps.store.dispatch({type: 'unmark'});
}

function switchPane(state: State, by: 1 | -1, {store}: ControlDeps): void {
  const {name} = currentScreen(state);
  if (name === 'session' || name === 'document') return store.dispatch({type: 'pane'});
  const at = views.includes(name)
    ? name
    : (state.stack.find((screen) => views.includes(screen.name))?.name ?? 'overview');
  const there = views.filter((name) => name !== 'trace' || state.trace.unavailable === undefined);
  store.dispatch({type: 'go', screen: {name: nextOf(there, at, by)}});
}

function showRecord(state: State, {store}: ControlDeps): void {
  const uid = uidOfTarget(state);
  if (uid !== undefined) store.dispatch({type: 'open', screen: {name: 'record', subject: uid}});
}

/**
 * Copies the equivalent gatectl command if the clipboard is allowed; otherwise prints it on exit.
 */
function showCommand(state: State, deps: ControlDeps): void {
  const {store, dashboard, terminal} = deps;
  const command = equivalentCommand(state);
  if (dashboard.options.clipboard && terminal.copy(command))
    return showNotice(deps, `copied: ${command}`, 'plain');
  store.dispatch({type: 'print-later', command});
  showNotice(deps, `printed when you quit: ${command}`, 'plain');
}
