import {setTimeout as sleep} from 'node:timers/promises';
import {GatectlError} from '../../base/errors.js';
import {actions} from '../actions/all.js';
import {errorLines} from '../actions/fault-text.js';
import {type Dialog, type PreviewLine, valuesOf} from '../model/dialog.js';
import {type ControlDeps, runInBackground} from './control-deps.js';

/** While somebody types, nobody is asked. */
const pauseMs = 200;

/** Asks the gates for the part of a preview that only they know, and shows it if it is wanted still. */
export function refreshPreview(hands: ControlDeps): void {
  const {dialog} = hands.store.get();
  if (dialog === undefined || dialog.kind === 'settings') return;
  const {look, preview} = actions[dialog.kind];
  if (look === undefined) return;
  runInBackground(hands, async () => {
    await sleep(pauseMs, undefined, {signal: hands.doors.signal}).catch(() => {});
    if (!isSame(hands, dialog)) return;
    const values = valuesOf(dialog);
    const {targets, where, uid, seen} = dialog;
    const subject = {state: seen ?? hands.store.get(), targets, where, uid};
    const lines = await look(values, subject, hands.doors).catch(faultLines);
    const now = hands.store.get().dialog;
    if (now === undefined || !isSame(hands, dialog)) return;
    const shown = [...preview(values, subject), ...lines];
    hands.store.dispatch({type: 'dialog', dialog: {...now, preview: shown}});
  });
}

function isSame({store}: ControlDeps, {kind, title, fields}: Dialog): boolean {
  const now = store.get().dialog;
  const isOpen = now?.phase === 'fill' || now?.phase === 'confirm';
  const texts = (some: Dialog['fields']) => some.map(({text}) => text).join('\0');
  return isOpen && now.kind === kind && now.title === title && texts(now.fields) === texts(fields);
}

/** That something is not known is part of the preview. */
function faultLines(error: unknown): readonly PreviewLine[] {
  if (!(error instanceof GatectlError)) throw error;
  return errorLines(error).map((text) => ({text, tone: 'warn'}));
}
