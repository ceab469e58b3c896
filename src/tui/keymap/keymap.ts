import {currentScreen, type ScreenName, type State} from '../model/state.js';
import {noSearchTextReason} from '../search/next-match.js';
import {
  noDrainedGateReason,
  noFilterReason,
  noGateToDrainReason,
  noLiveSessionReason,
  noRecordReason,
  noSessionReason,
  noTargetReason,
  nothingToOpenReason,
  nothingToStopReason,
  nothingToUndoReason,
  notSingleTargetReason,
  noUidReason,
  traceUnavailableReason,
} from './unavailable-reasons.js';

interface KeyText {
  /** Key names as `InputEvent` defines them. */
  readonly keys: readonly string[];
  /** Keys as shown in the help and the footer. */
  readonly label: string;
  readonly help: string;
  /** Text in the footer; if missing, the key is not in the footer. */
  readonly footer?: string;
  readonly group: 'move' | 'go' | 'look' | 'act' | 'more';
  /** Screens where the key works; undefined means all. */
  readonly screens?: readonly ScreenName[];
  /** Returns why the key can't be used now; undefined if it can. */
  readonly unavailable?: (state: State) => string | undefined;
}

export interface KeyBinding extends KeyText {
  readonly intent: Intent;
}

const sessions: readonly ScreenName[] = ['sessions'];
const ofSessions: readonly ScreenName[] = ['sessions', 'session'];
const tables: readonly ScreenName[] = ['sessions', 'events', 'records', 'journal', 'trace'];
const searched: readonly ScreenName[] = [...tables, 'document'];
const rowScreens: readonly ScreenName[] = [...tables, 'overview', 'session', 'record', 'anomalies', 'doctor'];
const readable: readonly ScreenName[] = [...rowScreens, 'entry', 'writes'];

const sorted: readonly ScreenName[] = rowScreens;

type Choices = Partial<Pick<KeyText, 'label' | 'footer' | 'screens' | 'unavailable'>>;

/** Returns a function that creates key bindings of a group. The label defaults to the first key. */
const keyOf =
  (group: KeyText['group']) =>
  <const Name extends string>(intent: Name, keys: string, help: string, choices: Choices = {}) => {
    const [label = '', ...others] = keys.split(' ');
    const described: KeyText = {group, keys: [label, ...others], label, help, ...choices};
    return {...described, intent};
  };
const [move, go, look] = [keyOf('move'), keyOf('go'), keyOf('look')];
const [act, more] = [keyOf('act'), keyOf('more')];

/** All keys of the dashboard. Input handling, footer and help are generated from this table. */
const table = [
  go('enter', 'enter', 'open the selected row, or the value of a field', {
    label: 'Enter',
    footer: 'open',
    screens: [...rowScreens, 'writes'],
    unavailable: nothingToOpenReason,
  }),
  look('filter', '/', 'search, or filter with a selector: uid == "u42"', {
    footer: 'search',
    screens: [...tables, 'document'],
  }),
  look('next-match', 'n', 'go to the next match of the search', {
    screens: searched,
    unavailable: noSearchTextReason,
  }),
  look('previous-match', 'N', 'go to the previous match', {
    screens: searched,
    unavailable: noSearchTextReason,
  }),
  look('mark', 'space', 'mark a session for a bulk action', {
    label: 'Space',
    footer: 'mark',
    screens: sessions,
    unavailable: noSessionReason,
  }),
  look('mark-all', 'a', 'mark all listed sessions', {screens: sessions, unavailable: noSessionReason}),
  look('choose-all', '*', 'select all that match the filter, listed or not', {
    footer: 'all',
    screens: sessions,
    unavailable: noFilterReason,
  }),
  look('unmark', 'A', 'unmark all', {screens: sessions}),
  act('send', 's', 'send a message to the client', {
    footer: 'send',
    screens: ofSessions,
    unavailable: noTargetReason,
  }),
  act('kick', 'K ctrl-k', 'close the connection', {
    footer: 'kick',
    screens: [...ofSessions, 'anomalies'],
    unavailable: noTargetReason,
  }),
  act('bind', 'b', 'bind to a uid', {
    footer: 'bind',
    screens: ofSessions,
    unavailable: notSingleTargetReason,
  }),
  act('unbind', 'u', 'unbind from the uid', {
    footer: 'unbind',
    screens: ofSessions,
    unavailable: noTargetReason,
  }),
  act('set', 'e', 'set a setting', {footer: 'set', screens: ofSessions, unavailable: noTargetReason}),
  act('unset', 'x delete', 'remove a setting', {
    footer: 'unset',
    screens: ofSessions,
    unavailable: noTargetReason,
  }),
  act('editor', 'E', 'edit all settings in $EDITOR', {
    footer: 'editor',
    screens: ofSessions,
    unavailable: notSingleTargetReason,
  }),
  act('undo', 'z', 'undo the last settings change', {unavailable: nothingToUndoReason}),
  act('stop-write', 'S', 'stop the write under the cursor', {
    footer: 'stop',
    screens: ['writes'],
    unavailable: nothingToStopReason,
  }),
  act('delete-record', 'D ctrl-d', 'delete the record of the uid', {
    footer: 'delete record',
    screens: ['session', 'records', 'record', 'anomalies'],
    unavailable: noRecordReason,
  }),
  look('whole', 'J', 'read the whole row or object as JSON or YAML', {footer: 'JSON', screens: readable}),
  look('trace-bodies', 'B', 'capture arguments and replies, with secrets masked', {
    footer: 'arguments',
    screens: ['trace'],
  }),
  look('copy', 'c', 'copy the value, the row or the marked sessions', {
    footer: 'copy',
    screens: [...readable, 'document'],
  }),
  look('write-file', 'w', 'write the screen to a CSV or JSON file', {
    footer: 'write',
    screens: [...readable, 'document'],
  }),
  go('live-session', 'L', 'show the live session of the record or the call', {
    footer: 'live session',
    screens: ['record', 'trace'],
    unavailable: noLiveSessionReason,
  }),
  go('waiting', 'W', 'sessions of the gate by what waits for their clients', {
    footer: 'waiting',
    screens: ['overview'],
  }),
  act('drain', 'd', 'drain the gate: refuse new sessions, evict its own', {
    footer: 'drain',
    screens: ['overview'],
    unavailable: noGateToDrainReason,
  }),
  act('resume', 'i', 'resume a drained gate', {
    footer: 'resume',
    screens: ['overview'],
    unavailable: noDrainedGateReason,
  }),
  go('show-record', 'R', 'show the record of the uid', {
    footer: 'record',
    screens: ofSessions,
    unavailable: noUidReason,
  }),
  look('sort-next', '> right', 'sort by the next column', {footer: 'sort', screens: sorted}),
  look('sort-previous', '< left', 'sort by the previous column', {screens: sorted}),
  look('reverse', 'r', 'reverse the order', {screens: sorted}),
  look('sort', 'o', 'sort by a column: received, settings.room', {screens: sorted}),
  look('columns', 'C', 'choose columns: id,uid,settings.room', {footer: 'columns', screens: sessions}),
  look('kinds', 'f', 'switch event kinds: all, connections …', {footer: 'kinds', screens: ['events']}),
  look('trace-view', 't', 'switch between calls and totals by function', {
    footer: 'calls/functions',
    screens: ['trace'],
  }),
  look('trace-own', 'O', 'show or hide the calls of gatectl itself', {
    footer: 'own calls',
    screens: ['trace'],
  }),
  go('back', 'esc backspace', 'go back; clear a filter', {label: 'Esc', footer: 'back'}),
  go('next-pane', 'tab', 'next view, pane of a session, or form of a text', {
    label: 'Tab',
    footer: 'next view',
  }),
  go('previous-pane', 'shift-tab', 'previous view', {label: 'Shift-Tab'}),
  go('overview', '1', 'overview of the gates'),
  go('sessions', '2', 'sessions'),
  go('events', '3', 'live events'),
  go('records', '4', 'records in storage'),
  go('journal', '5', 'journal of writes'),
  go('trace', '6', 'trace of bus calls while the view is open', {unavailable: traceUnavailableReason}),
  go('anomalies', '7', 'inconsistent sessions and records, with their fixes'),
  go('doctor', '8', 'check the bus, gates, storage and permissions'),
  go('writes', '9', 'running writes, and results of the latest ones'),
  more('command', ':', 'type a command: session <id>, user <uid>, sort received …', {footer: 'command'}),
  more('messages', '!', 'read all messages and failures in full', {label: '!'}),
  more('help', '? f1', 'show this help', {footer: 'help'}),
  more('show-command', 'y', 'the gatectl command of this screen', {footer: 'as command'}),
  more('refresh', 'ctrl-r f5', 'refresh now', {label: 'Ctrl-R'}),
  more('quit', 'q', 'quit', {footer: 'quit'}),
  move('down', 'j down', 'down', {label: 'j ↓'}),
  move('up', 'k up', 'up', {label: 'k ↑'}),
  move('page-down', 'pgdn ctrl-f', 'page down', {label: 'PgDn'}),
  move('page-up', 'pgup ctrl-b', 'page up', {label: 'PgUp'}),
  move('start', 'g home', 'go to the first row', {label: 'g Home'}),
  move('end', 'G end', 'go to the last row; follows events there', {label: 'G End'}),
];

/** Name of an action that a key triggers. */
export type Intent = (typeof table)[number]['intent'];

export const keyBindings: readonly KeyBinding[] = table;

/** Returns the binding of a key on the current screen; undefined if there is none. */
export function keyBindingFor(key: string, state: State): KeyBinding | undefined {
  return keyBindingsOnScreen(state).find(({keys}) => keys.includes(key));
}

export function keyBindingsOnScreen(state: State): readonly KeyBinding[] {
  const {name} = currentScreen(state);
  return keyBindings.filter(({screens}) => screens === undefined || screens.includes(name));
}
