import {currentScreen, type ScreenName, type State} from '../model/state.js';
import {
  noFilter,
  noRecord,
  noSession,
  noTarget,
  nothingToOpen,
  notSingleTarget,
  noUid,
  traceUnavailable,
} from './unavailable.js';

export interface Binding {
  /** Key names as `InputEvent` defines them. */
  readonly keys: readonly string[];
  /** Keys as written in the help and the footer. */
  readonly label: string;
  readonly help: string;
  /** Text in the footer; without it the key is not in the footer. */
  readonly footerText?: string;
  readonly group: 'move' | 'go' | 'look' | 'act' | 'more';
  /** Screens where the key works; all when undefined. */
  readonly screens?: readonly ScreenName[];
  readonly intent: Intent;
  /** Returns why the key can't be used now. */
  readonly unavailable?: (state: State) => string | undefined;
}

const ofSessions: readonly ScreenName[] = ['sessions', 'session'];
const tables: readonly ScreenName[] = ['sessions', 'events', 'records', 'journal', 'trace'];

/** Every key of the dashboard. Input, footer and help are made from this table. */
const table = [
  {
    keys: ['enter'],
    label: 'Enter',
    footerText: 'open',
    help: 'open the selected row',
    group: 'go',
    screens: ['overview', 'sessions', 'session', 'events', 'records', 'record', 'journal', 'trace'],
    intent: 'enter',
    unavailable: nothingToOpen,
  },
  {
    keys: ['/'],
    label: '/',
    footerText: 'filter',
    help: 'filter with a selector: uid == "u42"',
    group: 'look',
    screens: tables,
    intent: 'filter',
  },
  {
    keys: ['space'],
    label: 'Space',
    footerText: 'mark',
    help: 'mark a session for a bulk action',
    group: 'look',
    screens: ['sessions'],
    intent: 'mark',
    unavailable: noSession,
  },
  {
    keys: ['a'],
    label: 'a',
    help: 'mark all listed sessions',
    group: 'look',
    screens: ['sessions'],
    intent: 'mark-all',
    unavailable: noSession,
  },
  {
    keys: ['*'],
    label: '*',
    footerText: 'all',
    help: 'select all that match the filter, listed or not',
    group: 'look',
    screens: ['sessions'],
    intent: 'choose-all',
    unavailable: noFilter,
  },
  {keys: ['A'], label: 'A', help: 'unmark all', group: 'look', screens: ['sessions'], intent: 'unmark'},
  {
    keys: ['s'],
    label: 's',
    footerText: 'send',
    help: 'send a message to the client',
    group: 'act',
    screens: ofSessions,
    intent: 'send',
    unavailable: noTarget,
  },
  {
    keys: ['K', 'ctrl-k'],
    label: 'K',
    footerText: 'kick',
    help: 'close the connection',
    group: 'act',
    screens: ofSessions,
    intent: 'kick',
    unavailable: noTarget,
  },
  {
    keys: ['b'],
    label: 'b',
    footerText: 'bind',
    help: 'bind to a uid',
    group: 'act',
    screens: ofSessions,
    intent: 'bind',
    unavailable: notSingleTarget,
  },
  {
    keys: ['u'],
    label: 'u',
    footerText: 'unbind',
    help: 'unbind from the uid',
    group: 'act',
    screens: ofSessions,
    intent: 'unbind',
    unavailable: noTarget,
  },
  {
    keys: ['e'],
    label: 'e',
    footerText: 'set',
    help: 'set a setting',
    group: 'act',
    screens: ofSessions,
    intent: 'set',
    unavailable: noTarget,
  },
  {
    keys: ['x', 'delete'],
    label: 'x',
    footerText: 'unset',
    help: 'remove a setting',
    group: 'act',
    screens: ofSessions,
    intent: 'unset',
    unavailable: noTarget,
  },
  {
    keys: ['E'],
    label: 'E',
    footerText: 'editor',
    help: 'edit all settings in $EDITOR',
    group: 'act',
    screens: ofSessions,
    intent: 'editor',
    unavailable: notSingleTarget,
  },
  {
    keys: ['D', 'ctrl-d'],
    label: 'D',
    footerText: 'delete record',
    help: 'delete the record of the uid',
    group: 'act',
    screens: ['session', 'records', 'record'],
    intent: 'delete-record',
    unavailable: noRecord,
  },
  {
    keys: ['R'],
    label: 'R',
    footerText: 'record',
    help: 'show the record of the uid',
    group: 'go',
    screens: ofSessions,
    intent: 'show-record',
    unavailable: noUid,
  },
  {
    keys: ['>', 'right'],
    label: '>',
    footerText: 'sort',
    help: 'sort by the next column',
    group: 'look',
    screens: ['sessions'],
    intent: 'sort-next',
  },
  {
    keys: ['<', 'left'],
    label: '<',
    help: 'sort by the previous column',
    group: 'look',
    screens: ['sessions'],
    intent: 'sort-previous',
  },
  {
    keys: ['r'],
    label: 'r',
    help: 'reverse the order',
    group: 'look',
    screens: ['sessions'],
    intent: 'reverse',
  },
  {
    keys: ['o'],
    label: 'o',
    help: 'sort by a field: received, settings.room',
    group: 'look',
    screens: ['sessions'],
    intent: 'sort',
  },
  {
    keys: ['c'],
    label: 'c',
    footerText: 'columns',
    help: 'choose columns: session,uid,settings.room',
    group: 'look',
    screens: ['sessions'],
    intent: 'columns',
  },
  {
    keys: ['f'],
    label: 'f',
    footerText: 'kinds',
    help: 'switch event kinds: all, connections …',
    group: 'look',
    screens: ['events'],
    intent: 'kinds',
  },
  {
    keys: ['f'],
    label: 'f',
    footerText: 'calls/functions',
    help: 'switch between calls and totals by function',
    group: 'look',
    screens: ['trace'],
    intent: 'trace-view',
  },
  {
    keys: ['esc', 'backspace'],
    label: 'Esc',
    footerText: 'back',
    help: 'go back; clear a filter',
    group: 'go',
    intent: 'back',
  },
  {
    keys: ['tab'],
    label: 'Tab',
    footerText: 'next view',
    help: 'next view; on a session, the other pane',
    group: 'go',
    intent: 'next-pane',
  },
  {keys: ['shift-tab'], label: 'Shift-Tab', help: 'previous view', group: 'go', intent: 'previous-pane'},
  {keys: ['1'], label: '1', help: 'overview of the gates', group: 'go', intent: 'overview'},
  {keys: ['2'], label: '2', help: 'sessions', group: 'go', intent: 'sessions'},
  {keys: ['3'], label: '3', help: 'live events', group: 'go', intent: 'events'},
  {keys: ['4'], label: '4', help: 'records in storage', group: 'go', intent: 'records'},
  {keys: ['5'], label: '5', help: 'journal of writes', group: 'go', intent: 'journal'},
  {
    keys: ['6'],
    label: '6',
    help: 'trace of bus calls while the view is open',
    group: 'go',
    intent: 'trace',
    unavailable: traceUnavailable,
  },
  {
    keys: [':'],
    label: ':',
    footerText: 'command',
    help: 'type a command: session <id>, user <uid>, sort received …',
    group: 'more',
    intent: 'command',
  },
  {keys: ['?', 'f1'], label: '?', footerText: 'help', help: 'show this help', group: 'more', intent: 'help'},
  {
    keys: ['y'],
    label: 'y',
    footerText: 'as command',
    help: 'the gatectl command of this screen',
    group: 'more',
    intent: 'show-command',
  },
  {
    keys: ['ctrl-r', 'f5'],
    label: 'Ctrl-R',
    help: 'refresh now',
    group: 'more',
    intent: 'refresh',
  },
  {keys: ['q'], label: 'q', footerText: 'quit', help: 'quit', group: 'more', intent: 'quit'},
  {keys: ['j', 'down'], label: 'j ↓', help: 'down', group: 'move', intent: 'down'},
  {keys: ['k', 'up'], label: 'k ↑', help: 'up', group: 'move', intent: 'up'},
  {keys: ['pgdn', 'ctrl-f'], label: 'PgDn', help: 'page down', group: 'move', intent: 'page-down'},
  {keys: ['pgup', 'ctrl-b'], label: 'PgUp', help: 'page up', group: 'move', intent: 'page-up'},
  {keys: ['g', 'home'], label: 'g Home', help: 'go to the first row', group: 'move', intent: 'start'},
  {
    keys: ['G', 'end'],
    label: 'G End',
    help: 'go to the last row; follows events there',
    group: 'move',
    intent: 'end',
  },
] as const satisfies readonly (Omit<Binding, 'intent'> & {readonly intent: string})[];

/** Name of an action that a key starts. */
export type Intent = (typeof table)[number]['intent'];

export const bindings: readonly Binding[] = table;

/** Returns the binding of a key on the current screen. */
export function bindingOf(key: string, state: State): Binding | undefined {
  return bindingsOn(state).find(({keys}) => keys.includes(key));
}

export function bindingsOn(state: State): readonly Binding[] {
  const {name} = currentScreen(state);
  return bindings.filter(({screens}) => screens === undefined || screens.includes(name));
}
