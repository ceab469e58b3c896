import {GatectlError, UsageError} from '../../base/errors.js';
import {parseUid} from '../../cluster/write/parse-write-input.js';
import {celStringLiteral} from '../../selector/cel-terms.js';
import {parseSessionOrder} from '../../selector/sort-order.js';
import {type ThemeName, themeNames} from '../dashboard-deps.js';
import type {Intent} from '../keymap/keymap.js';
import {sessionColumnNames} from '../layout/session-columns.js';
import type {ScreenName, State} from '../model/state.js';
import {interpretFilter} from '../search/interpret-filter.js';
import {applySavedFilter, deleteSavedFilter, saveFilter} from '../search/saved-filters.js';
import type {FilterName} from '../search/screen-filter.js';
import type {ControlDeps} from './control-deps.js';
import {applySort, sortColumnsOf} from './sort-table.js';
import {contextNames, switchContext} from './switch-context.js';

interface CommandText {
  readonly name: string;
  readonly argument?: string;
  readonly help: string;
  /** Returns the completions of the argument. */
  readonly words?: (state: State) => readonly string[];
}

/** Throws GatectlError if the argument is invalid. */
type Run = (argument: string, deps: ControlDeps) => void | Promise<void>;

/** A command either performs the intent of a key or runs its own function. */
type Command = CommandText & ({readonly intent: Intent} | {readonly run: Run});

const go =
  (screen: ScreenName): Run =>
  (_, {store}) =>
    store.dispatch({type: 'go', screen: {name: screen as never}});

const withFilter =
  (name: FilterName): Run =>
  async (text, {store}) => {
    const understood = await interpretFilter(name, text);
    if ('fault' in understood) throw new UsageError(understood.fault.message, {hint: understood.fault.hint});
    store.dispatch({type: 'go', screen: {name}});
    store.dispatch({type: 'filter', name, filter: understood.filter});
  };

const savedNames = ({savedFilters}: State): readonly string[] => Object.keys(savedFilters.saved);

const uidsOf = ({sessions}: State): readonly string[] => [
  ...new Set(sessions.rows.flatMap(({row}) => row.session.userId || [])),
];

/** Commands of the `:` prompt. */
export const promptCommands: readonly Command[] = [
  {name: 'overview', help: 'gates and their metrics', run: go('overview')},
  {name: 'sessions', argument: '[selector]', help: 'live sessions', run: withFilter('sessions')},
  {
    name: 'session',
    argument: '<id>',
    help: 'one session by its id',
    words: ({sessions}) => sessions.rows.map(({row}) => row.session.sessionId),
    run: openSession,
  },
  {name: 'user', argument: '<uid>', help: 'the sessions of a uid', words: uidsOf, run: openUser},
  {
    name: 'gate',
    argument: '<id>',
    help: 'the sessions of a gate',
    words: ({gates}) => [...gates.keys()],
    run: openGate,
  },
  {name: 'events', argument: '[selector]', help: 'live events', run: withFilter('events')},
  {name: 'records', argument: '[selector]', help: 'records in storage', run: withFilter('records')},
  {name: 'record', argument: '<uid>', help: 'the record of a uid', words: uidsOf, run: openRecord},
  {name: 'journal', argument: '[words]', help: 'journal of writes', run: withFilter('journal')},
  {name: 'anomalies', help: 'inconsistent sessions and records', run: go('anomalies')},
  {name: 'writes', help: 'running writes', run: go('writes')},
  {name: 'doctor', help: 'check the bus, gates and storage', run: go('doctor')},
  {name: 'trace', argument: '[selector]', help: 'trace of bus calls', run: openTrace},
  {
    name: 'sort',
    argument: '<field>',
    help: 'sort by a column: received, -idle, settings.room',
    words: (state) => sortColumnsOf(state).map((name) => name.toLowerCase()),
    run: sortTyped,
  },
  {
    name: 'columns',
    argument: '<names>',
    help: 'columns of sessions: id,uid,settings.room',
    words: () => [sessionColumnNames.join(',')],
    intent: 'columns',
  },
  {name: 'save', argument: '<name>', help: "save this screen's filter under a name", run: saveFilter},
  {
    name: 'filter',
    argument: '<name>',
    help: 'apply a saved filter',
    words: savedNames,
    run: applySavedFilter,
  },
  {
    name: 'forget',
    argument: '<name>',
    help: 'remove a saved filter',
    words: savedNames,
    run: deleteSavedFilter,
  },
  {
    name: 'context',
    argument: '[name]',
    help: 'list the contexts, or switch to one',
    words: contextNames,
    run: switchContext,
  },
  {name: 'theme', argument: '<name>', help: 'default, light or none', words: () => themeNames, run: setTheme},
  {
    name: 'command',
    help: 'the gatectl command of this screen',
    intent: 'show-command',
  },
  {name: 'refresh', help: 'refresh now', intent: 'refresh'},
  {name: 'help', help: 'keys and commands', intent: 'help'},
  {name: 'quit', help: 'quit', intent: 'quit'},
];

/**
 * Runs a typed command. Resolves with its error, or undefined. Calls `taken` before the command
 * takes effect.
 */
export async function runPromptCommand(
  text: string,
  deps: ControlDeps,
  taken: () => void,
): Promise<{readonly message: string; readonly hint: string | undefined} | undefined> {
  const {aliases} = deps.store.get().config;
  const [, name = '', argument = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(expanded(text, aliases)) ?? [];
  if (name === '') {
    taken();
    return undefined;
  }
  try {
    const command = commandNamed(name);
    if (command.argument?.startsWith('<') === true && argument === '' && command.name !== 'columns')
      throw new UsageError(`missing argument: ${command.name} ${command.argument}`, {hint: command.help});
    if ('intent' in command) {
      taken();
      deps.perform(command.intent);
      return undefined;
    }
    await command.run(argument, {...deps, store: takenFirst(deps, taken)});
    taken();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {message: error.message, hint: error.hint};
  }
}

/** Expands an alias at the start of the text. */
function expanded(text: string, aliases: Readonly<Record<string, string>>): string {
  const [first = '', ...rest] = text.trim().split(' ');
  return Object.hasOwn(aliases, first) ? [aliases[first], ...rest].join(' ') : text;
}

/** Closes the prompt before the first dispatch, so that a command may open another. */
function takenFirst({store}: ControlDeps, taken: () => void): ControlDeps['store'] {
  let isTaken = false;
  return {
    ...store,
    dispatch: (action) => {
      if (!isTaken) {
        isTaken = true;
        taken();
      }
      store.dispatch(action);
    },
  };
}

/** Other names of commands, as in similar tools. */
const synonyms: Readonly<Record<string, string>> = {ctx: 'context', contexts: 'context'};

/** Finds a command by its name or a unique prefix. Throws UsageError if there is none. */
function commandNamed(name: string): Command {
  const meant = Object.hasOwn(synonyms, name) ? synonyms[name] : name;
  const exact = promptCommands.find((command) => command.name === meant);
  const [first, second] = promptCommands.filter((command) => command.name.startsWith(name));
  if (exact !== undefined) return exact;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && first.name === 'session' && name !== 's') return first;
  const names = promptCommands.map((command) => command.name).join(' ');
  throw new UsageError(`unknown command "${name}"`, {hint: names});
}

async function openTrace(text: string, deps: ControlDeps): Promise<void> {
  const {unavailable} = deps.store.get().trace;
  if (unavailable !== undefined) throw new UsageError(unavailable);
  await withFilter('trace')(text, deps);
}

async function openSession(reference: string, {store, dashboard}: ControlDeps): Promise<void> {
  const {node, session} = await dashboard.cluster.locate(reference, {allowPrefix: true});
  store.dispatch({type: 'open', screen: {name: 'session', subject: `${node.id}/${session.sessionId}`}});
}

async function openUser(text: string, deps: ControlDeps): Promise<void> {
  await withFilter('sessions')(`uid == ${celStringLiteral(parseUid(text))}`, deps);
}

async function openGate(id: string, deps: ControlDeps): Promise<void> {
  if (!deps.store.get().gates.has(id))
    throw new UsageError(`unknown gate "${id}"`, {hint: 'press Tab to complete'});
  await withFilter('sessions')(`gate == ${celStringLiteral(id)}`, deps);
}

function openRecord(uid: string, {store}: ControlDeps): void {
  store.dispatch({type: 'open', screen: {name: 'record', subject: parseUid(uid)}});
}

/** Sorts the current table; if it lacks the column, sorts the sessions. */
function sortTyped(text: string, deps: ControlDeps): void {
  const state = deps.store.get();
  const isHere = sortColumnsOf(state).some(
    (name) => name.toLowerCase() === text.replace(/^-/, '').toLowerCase(),
  );
  if (isHere) return applySort(text, deps);
  deps.store.dispatch({type: 'order', order: parseSessionOrder(text)});
}

function setTheme(text: string, {store}: ControlDeps): void {
  const theme = themeNames.find((name): name is ThemeName => name === text);
  if (theme === undefined) throw new UsageError(`unknown theme "${text}"`, {hint: themeNames.join(', ')});
  store.dispatch({type: 'theme', theme});
}
