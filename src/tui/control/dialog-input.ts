import {ExitCode, GatectlError} from '../../base/errors.js';
import {confirmationOf} from '../actions/action-spec.js';
import {actionSpecs, hasSpec} from '../actions/actions.js';
import {errorLines} from '../actions/error-text.js';
import {rateFault, rateOf} from '../actions/rate.js';
import {type DialogResult, fieldValues} from '../model/dialog.js';
import type {Dialog, State} from '../model/state.js';
import {sessionReference} from '../model/targets.js';
import {editField, proposedField} from '../model/text-field.js';
import type {InputEvent} from '../term/terminal.js';
import {runUserCommand} from '../user-keys/press-user-key.js';
import {startWork, stopWork} from './background-work.js';
import {type ControlDeps, notify} from './control-deps.js';
import {dialogSubject, withPreview} from './dialog-open.js';
import {refreshPreview} from './dialog-preview.js';

export function dialogInput(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  switch (dialog.phase) {
    case 'gathering':
      if (!isKey(event, 'esc')) return;
      stopWork(deps.store);
      return cancel(deps);
    case 'fill':
      return fill(event, dialog, deps);
    case 'confirm':
      return confirm(event, dialog, deps);
    case 'running':
      if (isKey(event, 'esc')) stopWork(deps.store);
      return;
    case 'done':
      if (event.type === 'key') show(undefined, deps);
      return;
    default:
      dialog.phase satisfies never;
  }
}

const isKey = (event: InputEvent, ...names: readonly string[]): boolean =>
  event.type === 'key' && names.includes(event.name);

const show = (dialog: Dialog | undefined, {store}: ControlDeps): void =>
  store.dispatch({type: 'dialog', dialog});

function cancel(deps: ControlDeps): void {
  show(undefined, deps);
  notify(deps, 'cancelled: nothing was sent', 'warn');
}

function fill(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  const {fields, focus} = dialog;
  if (isKey(event, 'esc')) return cancel(deps);
  if (isKey(event, 'tab', 'down')) return show({...dialog, focus: (focus + 1) % fields.length}, deps);
  if (isKey(event, 'shift-tab', 'up'))
    return show({...dialog, focus: (focus + fields.length - 1) % fields.length}, deps);
  if (isKey(event, 'enter'))
    return focus < fields.length - 1 ? show({...dialog, focus: focus + 1}, deps) : filled(dialog, deps);
  const field = fields[focus];
  const next = field === undefined ? undefined : editField(field, event);
  if (field === undefined || next === undefined) return;
  const typed = fields.map((one) => (one === field ? {...field, ...next} : one));
  const changed = followed(dialog, typed, deps);
  show(withPreview({...dialog, fields: changed, fault: undefined}, deps), deps);
  if (next.text !== field.text) refreshPreview(deps);
}

/** Updates fields that depend on the edited one. */
function followed(dialog: Dialog, fields: Dialog['fields'], deps: ControlDeps): Dialog['fields'] {
  const follow = !hasSpec(dialog.kind) ? undefined : actionSpecs[dialog.kind].updateFields;
  if (follow === undefined) return fields;
  const after = fieldValues({...dialog, fields});
  const values = follow(fieldValues(dialog), after, dialogSubject(dialog, deps));
  return fields.map((field) => {
    const text = values[field.name] ?? field.text;
    return text === field.text ? field : {...field, ...proposedField(text)};
  });
}

/** Validates the fields, then asks for confirmation or runs the action. */
function filled(dialog: Dialog, deps: ControlDeps): void {
  if (!hasSpec(dialog.kind)) return;
  const values = fieldValues(dialog);
  const subject = dialogSubject(dialog, deps);
  const fault = actionSpecs[dialog.kind].validate(values, subject) ?? rateFault(values);
  if (fault !== undefined) return show({...dialog, fault}, deps);
  const confirmation = confirmationOf(actionSpecs[dialog.kind], subject, values);
  if (confirmation.ask === 'nothing') return run(dialog, deps);
  show({...dialog, confirmation, phase: 'confirm', fault: undefined}, deps);
}

function confirm(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  const {confirmation} = dialog;
  if (isKey(event, 'esc')) return cancel(deps);
  if (confirmation.ask === 'token') {
    if (isKey(event, 'enter')) {
      if (dialog.confirmationText.text === confirmation.token) return run(dialog, deps);
      return show({...dialog, fault: `type "${confirmation.token}", or Esc`}, deps);
    }
    const confirmationText = editField(dialog.confirmationText, event);
    return confirmationText === undefined
      ? undefined
      : show({...dialog, confirmationText, fault: undefined}, deps);
  }
  if (isKey(event, 'y', 'Y')) return run(dialog, deps);
  if (isKey(event, 'n', 'N', 'enter', 'q')) cancel(deps); // Enter means no
}

function run(dialog: Dialog, deps: ControlDeps): void {
  if (dialog.words !== undefined) return runUserCommand(dialog.words, deps);
  if (!hasSpec(dialog.kind)) return;
  const spec = actionSpecs[dialog.kind];
  const subject = dialogSubject(dialog, deps);
  const values = fieldValues(dialog);
  const running: Dialog = {...dialog, phase: 'running', fault: undefined, progress: undefined};
  show(running, deps);
  const progress = (text: string): void => show({...running, progress: text}, deps);
  startWork(deps, async (signal) => {
    const job = {deps: deps.dashboard, signal, rate: rateOf(values), progress};
    finish(running, await spec.run(values, subject, job).catch(failure), deps);
  });
}

function finish(dialog: Dialog, result: DialogResult, deps: ControlDeps): void {
  const {store} = deps;
  store.dispatch({type: 'refresh'});
  if (result.tone === 'good' && wereMarked(dialog, store.get())) store.dispatch({type: 'unmark'});
  const [first = 'done', ...more] = result.lines;
  if (result.tone !== 'good' || more.length > 2) return show({...dialog, phase: 'done', result}, deps);
  show(undefined, deps);
  notify(deps, `${[first, ...more].join(', ')} (${[dialog.kind, ...whomShort(dialog)].join(' ')})`);
}

/** Whether the targets came from marks or from "all matches", which are cleared after a write. */
function wereMarked({targets, where}: Dialog, {sessions}: State): boolean {
  if (where !== undefined) return sessions.isAllChosen;
  return targets.length > 0 && targets.every((one) => sessions.marks.has(sessionReference(one)));
}

/** The only target in short form, so that it fits beside the result. */
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
