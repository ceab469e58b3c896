import {ExitCode, GatectlError} from '../../base/errors.js';
import {actions} from '../actions/all.js';
import {errorLines} from '../actions/fault-text.js';
import {rateFault, rateOf} from '../actions/pace.js';
import {type Dialog, type DialogResult, valuesOf} from '../model/dialog.js';
import type {State} from '../model/state.js';
import {sessionReference} from '../model/targets.js';
import {editField, fieldOf} from '../model/text-field.js';
import type {InputEvent} from '../term/terminal.js';
import {type ControlDeps, notify} from './control-deps.js';
import {dialogSubject, reopenedDialog} from './dialog-open.js';
import {refreshPreview} from './dialog-preview.js';
import {runningWork, stopRunningWork} from './running-work.js';

export function dialogInput(event: InputEvent, dialog: Dialog, hands: ControlDeps): void {
  switch (dialog.phase) {
    case 'gathering':
      if (!isKey(event, 'esc')) return;
      stopRunningWork(hands.store);
      return cancel(hands);
    case 'fill':
      return fill(event, dialog, hands);
    case 'confirm':
      return confirm(event, dialog, hands);
    case 'running':
      if (isKey(event, 'esc')) stopRunningWork(hands.store);
      return;
    case 'done':
      if (event.type === 'key') show(undefined, hands);
      return;
    default:
      dialog.phase satisfies never;
  }
}

const isKey = (event: InputEvent, ...names: readonly string[]): boolean =>
  event.type === 'key' && names.includes(event.name);

const show = (dialog: Dialog | undefined, {store}: ControlDeps): void =>
  store.dispatch({type: 'dialog', dialog});

function cancel(hands: ControlDeps): void {
  show(undefined, hands);
  notify(hands, 'cancelled; nothing was sent', 'warn');
}

function fill(event: InputEvent, dialog: Dialog, hands: ControlDeps): void {
  const {fields, focus} = dialog;
  if (isKey(event, 'esc')) return cancel(hands);
  if (isKey(event, 'tab', 'down')) return show({...dialog, focus: (focus + 1) % fields.length}, hands);
  if (isKey(event, 'shift-tab', 'up'))
    return show({...dialog, focus: (focus + fields.length - 1) % fields.length}, hands);
  if (isKey(event, 'enter'))
    return focus < fields.length - 1 ? show({...dialog, focus: focus + 1}, hands) : filled(dialog, hands);
  const field = fields[focus];
  const next = field === undefined ? undefined : editField(field, event);
  if (field === undefined || next === undefined) return;
  const typed = fields.map((one) => (one === field ? {...field, ...next} : one));
  const changed = followed(dialog, typed, hands);
  show(reopenedDialog({...dialog, fields: changed, fault: undefined}, hands), hands);
  if (next.text !== field.text) refreshPreview(hands);
}

/** Other fields may follow the one that was typed in. */
function followed(dialog: Dialog, fields: Dialog['fields'], hands: ControlDeps): Dialog['fields'] {
  const follow = dialog.kind === 'settings' ? undefined : actions[dialog.kind].follow;
  if (follow === undefined) return fields;
  const after = valuesOf({...dialog, fields});
  const values = follow(valuesOf(dialog), after, dialogSubject(dialog, hands));
  return fields.map((field) => {
    const text = values[field.name] ?? field.text;
    return text === field.text ? field : {...field, ...fieldOf(text)};
  });
}

/** The last field is filled: what is wrong is said, what needs a yes is asked for. */
function filled(dialog: Dialog, hands: ControlDeps): void {
  if (dialog.kind === 'settings') return;
  const values = valuesOf(dialog);
  const subject = dialogSubject(dialog, hands);
  const fault = actions[dialog.kind].fault(values, subject) ?? rateFault(values);
  if (fault !== undefined) return show({...dialog, fault}, hands);
  const tier = actions[dialog.kind].tier(subject, values);
  if (tier.ask === 'nothing') return run(dialog, hands);
  show({...dialog, tier, phase: 'confirm', fault: undefined}, hands);
}

function confirm(event: InputEvent, dialog: Dialog, hands: ControlDeps): void {
  const {tier} = dialog;
  if (isKey(event, 'esc')) return cancel(hands);
  if (tier.ask === 'token') {
    if (isKey(event, 'enter')) {
      if (dialog.typed.text === tier.token) return run(dialog, hands);
      return show({...dialog, fault: `type "${tier.token}", or Esc`}, hands);
    }
    const typed = editField(dialog.typed, event);
    return typed === undefined ? undefined : show({...dialog, typed, fault: undefined}, hands);
  }
  if (isKey(event, 'y', 'Y')) return run(dialog, hands);
  if (isKey(event, 'n', 'N', 'enter', 'q')) cancel(hands); // no is what Enter means
}

function run(dialog: Dialog, hands: ControlDeps): void {
  if (dialog.kind === 'settings') return;
  const spec = actions[dialog.kind];
  const subject = dialogSubject(dialog, hands);
  const values = valuesOf(dialog);
  const running: Dialog = {...dialog, phase: 'running', fault: undefined, progress: undefined};
  show(running, hands);
  const progress = (text: string): void => show({...running, progress: text}, hands);
  runningWork(hands, async (signal) => {
    const job = {doors: hands.doors, signal, rate: rateOf(values), progress};
    finish(running, await spec.run(values, subject, job).catch(failure), hands);
  });
}

function finish(dialog: Dialog, result: DialogResult, hands: ControlDeps): void {
  const {store} = hands;
  store.dispatch({type: 'refresh'});
  if (result.tone === 'good' && wereMarked(dialog, store.get())) store.dispatch({type: 'unmark'});
  const [first = 'done', ...more] = result.lines;
  if (result.tone !== 'good' || more.length > 2) return show({...dialog, phase: 'done', result}, hands);
  show(undefined, hands);
  notify(hands, `${[first, ...more].join(', ')} (${[dialog.kind, ...whomShort(dialog)].join(' ')})`);
}

/** Whether the targets were marked, or chosen as all that match: the marks have done their work then. */
function wereMarked({targets, where}: Dialog, {sessions}: State): boolean {
  if (where !== undefined) return sessions.isAll;
  return targets.length > 0 && targets.every((one) => sessions.marks.has(sessionReference(one)));
}

/** The only one it went to: what a narrow screen has room for beside what came of it. */
const whomShort = ({targets, uid}: Dialog): readonly string[] => {
  const [only, second] = targets;
  if (only === undefined) return uid === undefined ? [] : [uid];
  return second === undefined ? [only.uid === '' ? only.id : only.uid] : [];
};

function failure(error: unknown): DialogResult {
  if (!(error instanceof GatectlError)) throw error;
  const tone = error.exitCode === ExitCode.outcomeUnknown ? 'warn' : 'bad';
  return {tone, lines: errorLines(error)};
}
