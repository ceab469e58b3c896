import {messageAndHint} from '../../base/error-details.js';
import {InterruptedError, UsageError} from '../../base/errors.js';
import {keyBindingFor} from '../keymap/keymap.js';
import {clickableRows} from '../layout/screen-layout.js';
import {tabAtColumn} from '../layout/tab-line.js';
import {currentScreen, type State} from '../model/state.js';
import type {InputEvent} from '../term/terminal.js';
import type {DrawStyle} from '../text/line.js';
import {themes} from '../text/theme.js';
import {pressUserKey, userKeyFor} from '../user-keys/press-user-key.js';
import {frameLines} from '../views/frame.js';
import {stopJob} from './background-jobs.js';
import {type ControlDeps, showNotice} from './control-deps.js';
import {handleDialogInput} from './dialog-input.js';
import {performIntent} from './perform-intent.js';
import {handlePromptInput} from './prompt-input.js';
import {sortByClickedColumn} from './sort-table.js';

/** Handles one input event. Shows usage errors, such as an unknown column, as notices. */
export function handleInput(event: InputEvent, deps: ControlDeps): void {
  try {
    dispatchInput(event, deps);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    showNotice(deps, messageAndHint(error), 'bad');
  }
}

/** Passes the event to the dialog, the prompt, or the screen's keymap. */
function dispatchInput(event: InputEvent, deps: ControlDeps): void {
  const {dialog, prompt} = deps.store.get();
  if (event.type === 'key' && event.name === 'ctrl-c') return interrupt(deps);
  if (dialog !== undefined) return handleDialogInput(event, dialog, deps);
  if (prompt !== undefined) return handlePromptInput(event, prompt, deps);
  switch (event.type) {
    case 'key':
      return press(event.name, deps);
    case 'wheel':
      return wheel(event.by, deps);
    case 'click':
      return click(event, deps);
    case 'paste':
      return; // pasted text must not run as key commands
    default:
      event satisfies never;
  }
}

/** Handles Ctrl-C: stops a running write and shows its result; otherwise ends the dashboard. */
function interrupt(deps: ControlDeps): void {
  const {dialog} = deps.store.get();
  if (dialog?.phase === 'running' && stopJob(deps.store, dialog.write)) return;
  deps.fail(new InterruptedError('SIGINT'));
}

/** Performs the key's intent, or shows why the key is unavailable. */
function press(key: string, deps: ControlDeps): void {
  const state = deps.store.get();
  const userKey = userKeyFor(key, state);
  if (userKey !== undefined) return pressUserKey(userKey, deps);
  const binding = keyBindingFor(key, state);
  if (binding === undefined) return;
  const why = binding.unavailable?.(state);
  if (why !== undefined) return showNotice(deps, `${binding.label}: ${why}`, 'warn');
  performIntent(binding.intent, deps);
}

const wheelRows = 3;

function wheel(by: -1 | 1, {store}: ControlDeps): void {
  store.dispatch({type: 'move', by: by * wheelRows});
}

/** Handles a click: opens a tab, sorts by a header, selects a row, or opens the selected row. */
function click({column, row}: {readonly column: number; readonly row: number}, deps: ControlDeps): void {
  const {store} = deps;
  const state = store.get();
  const tab = row === 1 ? tabAtColumn(state, column) : undefined;
  if (tab !== undefined) return performIntent(tab, deps);
  const header = headerAt(state, {column, row}, deps);
  if (header !== undefined) return sortByClickedColumn(header, deps);
  const table = clickableRows(state);
  if (table === undefined || row < table.top || row >= table.top + table.height) return;
  const index = table.first + row - table.top;
  if (index >= table.count) return;
  if (index === table.cursor && currentScreen(state).name !== 'session') return performIntent('enter', deps);
  store.dispatch({type: 'point', index});
}

/** Returns the column whose header is at this screen position; undefined if there is none. */
function headerAt(
  state: State,
  {column, row}: {readonly column: number; readonly row: number},
  {measure}: ControlDeps,
) {
  const style: DrawStyle = {measure, ascii: state.options.ascii, theme: themes[state.theme]};
  let from = 0;
  for (const {text, sortBy} of frameLines(state, style)[row]?.spans ?? []) {
    const to = from + measure(text);
    if (column >= from && column < to) return sortBy === '' ? undefined : sortBy;
    from = to;
  }
  return undefined;
}
