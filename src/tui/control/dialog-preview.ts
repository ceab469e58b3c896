import {GatectlError} from '../../base/errors.js';
import {actionSpecs, hasActionSpec} from '../actions/action-specs.js';
import {errorLines} from '../actions/error-lines.js';
import {dialogFieldValues, type PreviewLine} from '../model/dialog-types.js';
import type {Dialog} from '../model/state.js';
import type {Store} from '../model/store.js';
import {type ControlDeps, runInBackground} from './control-deps.js';

/** Debounce delay: queries start this many milliseconds after the last key. */
const pauseMs = 200;
/** Debounce timer of each store. A single timer per store avoids abort listeners for each key. */
const waiting = new WeakMap<Store, NodeJS.Timeout>();

/** Requests preview lines from the gates and shows them if the dialog is unchanged. */
export function fetchDialogPreview(deps: ControlDeps): void {
  const {dialog} = deps.store.get();
  if (dialog === undefined || !hasActionSpec(dialog.kind)) return;
  const {fetchPreview, preview} = actionSpecs[dialog.kind];
  if (fetchPreview === undefined) return;
  const ask = async (): Promise<void> => {
    if (deps.dashboard.signal.aborted || !isSame(deps, dialog)) return;
    const values = dialogFieldValues(dialog);
    const {targets, where, uid, stateAtOpen} = dialog;
    const subject = {state: stateAtOpen ?? deps.store.get(), targets, where, uid};
    const lines = await fetchPreview(values, subject, deps.dashboard).catch(faultLines);
    const now = deps.store.get().dialog;
    if (now === undefined || !isSame(deps, dialog)) return;
    const shown = [...preview(values, subject), ...lines];
    deps.store.dispatch({type: 'dialog', dialog: {...now, preview: shown}});
  };
  clearTimeout(waiting.get(deps.store));
  waiting.set(deps.store, setTimeout(() => runInBackground(deps, ask), pauseMs).unref());
}

function isSame({store}: ControlDeps, {kind, title, fields}: Dialog): boolean {
  const now = store.get().dialog;
  const isOpen = now?.phase === 'fill' || now?.phase === 'confirm';
  const texts = (some: Dialog['fields']) => some.map(({text}) => text).join('\0');
  return isOpen && now.kind === kind && now.title === title && texts(now.fields) === texts(fields);
}

/** Returns preview lines that report a failed query. */
function faultLines(error: unknown): readonly PreviewLine[] {
  if (!(error instanceof GatectlError)) throw error;
  return errorLines(error).map((text) => ({text, tone: 'warn'}));
}
