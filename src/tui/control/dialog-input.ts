import {ExitCode, GatectlError} from '../../base/errors.js';
import {requiredConfirmation} from '../actions/action-spec.js';
import {actionSpecs, hasActionSpec} from '../actions/action-specs.js';
import {errorLines} from '../actions/error-lines.js';
import {recallMessage} from '../actions/messages/recall-message.js';
import {saveSentMessage} from '../actions/messages/save-message-history.js';
import {enteredRate, rateInputError} from '../actions/rate-field.js';
import {frameLayout} from '../layout/screen-layout.js';
import {targetReference} from '../model/action-targets.js';
import {type DialogResult, dialogFieldValues} from '../model/dialog-types.js';
import type {Dialog, State} from '../model/state.js';
import {editTextField, textFieldWithProposal} from '../model/text-field.js';
import type {InputEvent} from '../term/terminal.js';
import type {DrawStyle} from '../text/line.js';
import {themes} from '../text/theme.js';
import {runUserCommand} from '../user-keys/press-user-key.js';
import {dialogScrollEnd} from '../views/dialog.js';
import {startJob, stopJob} from './background-jobs.js';
import {type ControlDeps, showNotice} from './control-deps.js';
import {fetchDialogPreview} from './dialog-preview.js';
import {actionSubjectOfDialog, withUpdatedPreview} from './dialog-state.js';

export function handleDialogInput(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  const by = scrollOf(event);
  if (by !== 0) return scroll(by, dialog, deps);
  switch (dialog.phase) {
    case 'gathering':
      if (!isKey(event, 'esc')) return;
      stopJob(deps.store);
      return cancel(deps);
    case 'fill':
      return fill(event, dialog, deps);
    case 'confirm':
      return confirm(event, dialog, deps);
    case 'running':
      if (isKey(event, 'esc')) stopJob(deps.store, dialog.write);
      if (isKey(event, 'b')) toBackground(deps);
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

/** Returns by how many lines an input event scrolls the preview. */
function scrollOf(event: InputEvent): number {
  if (event.type === 'wheel') return event.by;
  return isKey(event, 'pgdn') ? pageLines : isKey(event, 'pgup') ? -pageLines : 0;
}

const pageLines = 3;

function scroll(by: number, dialog: Dialog, deps: ControlDeps): void {
  const state = deps.store.get();
  const style: DrawStyle = {measure: deps.measure, ascii: state.options.ascii, theme: themes[state.theme]};
  const last = dialogScrollEnd(state, dialog, frameLayout(state).body, style);
  const top = Math.min(dialog.scroll ?? 0, last);
  show({...dialog, scroll: Math.max(0, Math.min(last, top + by))}, deps);
}

const show = (dialog: Dialog | undefined, {store}: ControlDeps): void =>
  store.dispatch({type: 'dialog', dialog});

function cancel(deps: ControlDeps): void {
  show(undefined, deps);
  showNotice(deps, 'cancelled: nothing was sent', 'warn');
}

/** Closes the dialog while the write continues, so that another can be started. */
function toBackground(deps: ControlDeps): void {
  show(undefined, deps);
  showNotice(deps, 'continues in the background: 9 shows it', 'plain');
}

/** Shows the optional fields of the action. */
function withMore(dialog: Dialog, deps: ControlDeps): void {
  if (!hasActionSpec(dialog.kind)) return;
  const more = actionSpecs[dialog.kind].moreFields?.(actionSubjectOfDialog(dialog, deps)) ?? [];
  if (more.length === 0 || dialog.hasMore === true) return;
  const fields = [...dialog.fields, ...more];
  const focus = dialog.fields.length;
  show(
    withUpdatedPreview({...dialog, fields, focus, hasMore: true, phase: 'fill', fault: undefined}, deps),
    deps,
  );
}

function fill(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  const {fields, focus} = dialog;
  if (isKey(event, 'esc')) return cancel(deps);
  if (isKey(event, 'tab', 'down')) return show({...dialog, focus: (focus + 1) % fields.length}, deps);
  if (isKey(event, 'shift-tab', 'up'))
    return show({...dialog, focus: (focus + fields.length - 1) % fields.length}, deps);
  if (isKey(event, 'enter'))
    return focus < fields.length - 1 ? show({...dialog, focus: focus + 1}, deps) : filled(dialog, deps);
  const recalled = event.type === 'key' ? recallMessage(event.name, dialog, deps.store.get()) : undefined;
  if (recalled !== undefined) return show(withUpdatedPreview(recalled, deps), deps);
  const field = fields[focus];
  const next = field === undefined ? undefined : editTextField(field, event);
  if (field === undefined || next === undefined) return;
  if (field.isNumber === true && /\D/.test(next.text))
    return show({...dialog, fault: `${field.label}: expected a number, not "${next.text}"`}, deps);
  const typed = fields.map((one) => (one === field ? {...field, ...next} : one));
  const changed = followed(dialog, typed, deps);
  const isSplit = changed[focus]?.text !== next.text;
  const edited = {...dialog, fields: changed, focus: isSplit ? focus + 1 : focus, fault: undefined};
  show(withUpdatedPreview(edited, deps), deps);
  if (next.text !== field.text) fetchDialogPreview(deps);
}

/** Updates fields that depend on the edited one. */
function followed(dialog: Dialog, fields: Dialog['fields'], deps: ControlDeps): Dialog['fields'] {
  const follow = !hasActionSpec(dialog.kind) ? undefined : actionSpecs[dialog.kind].updateFields;
  if (follow === undefined) return fields;
  const after = dialogFieldValues({...dialog, fields});
  const values = follow(dialogFieldValues(dialog), after, actionSubjectOfDialog(dialog, deps));
  return fields.map((field) => {
    const text = values[field.name] ?? field.text;
    return text === field.text ? field : {...field, ...textFieldWithProposal(text)};
  });
}

/** Validates the fields, then asks for confirmation or runs the action. */
function filled(dialog: Dialog, deps: ControlDeps): void {
  if (!hasActionSpec(dialog.kind)) return;
  const values = dialogFieldValues(dialog);
  const subject = actionSubjectOfDialog(dialog, deps);
  const fault = actionSpecs[dialog.kind].validate(values, subject) ?? rateInputError(values);
  if (fault !== undefined) return show({...dialog, fault}, deps);
  const confirmation = requiredConfirmation(actionSpecs[dialog.kind], subject, values);
  if (confirmation.ask === 'nothing') return run(dialog, deps);
  show({...dialog, confirmation, phase: 'confirm', fault: undefined}, deps);
}

function confirm(event: InputEvent, dialog: Dialog, deps: ControlDeps): void {
  const {confirmation} = dialog;
  if (isKey(event, 'esc')) return cancel(deps);
  if (isKey(event, 'tab')) return withMore(dialog, deps);
  if (confirmation.ask === 'token') {
    if (isKey(event, 'enter')) {
      if (dialog.confirmationText.text === confirmation.token) return run(dialog, deps);
      return show({...dialog, fault: expectedText(confirmation.token)}, deps);
    }
    const confirmationText = editTextField(dialog.confirmationText, event);
    if (confirmationText === undefined) return;
    const isRight = confirmation.token.startsWith(confirmationText.text);
    const fault = isRight ? undefined : expectedText(confirmation.token);
    return show({...dialog, confirmationText, fault}, deps);
  }
  if (isKey(event, 'y', 'Y')) return run(dialog, deps);
  if (isKey(event, 'n', 'N', 'enter', 'q')) cancel(deps); // Enter means no
}

const expectedText = (token: string): string => `type "${token}", or Esc`;

function run(dialog: Dialog, deps: ControlDeps): void {
  if (dialog.words !== undefined) return runUserCommand(dialog.words, deps);
  if (!hasActionSpec(dialog.kind)) return;
  const spec = actionSpecs[dialog.kind];
  const {store, dashboard} = deps;
  const subject = actionSubjectOfDialog(dialog, deps);
  const values = dialogFieldValues(dialog);
  const {title, command} = dialog;
  const startedAt = dashboard.now();
  startJob(deps, async (signal, number) => {
    const running: Dialog = {
      ...dialog,
      write: number,
      phase: 'running',
      fault: undefined,
      progress: undefined,
    };
    const write = {number, title, command, startedAt, progress: undefined, result: undefined};
    store.dispatch({type: 'write', write});
    show(running, deps);
    const progress = (text: string): void => {
      store.dispatch({type: 'write', write: {...write, progress: text}});
      if (store.get().dialog?.write === number) show({...running, progress: text}, deps);
    };
    const job = {deps: dashboard, signal, rate: enteredRate(values), progress};
    const result = await spec.run(values, subject, job).catch(failure);
    if (result.tone === 'good') saveSentMessage(values, deps);
    store.dispatch({type: 'write', write: {...write, result}});
    finish(running, result, deps);
  });
}

/**
 * Shows the result of the write: as a notice if it runs in the background, otherwise in the dialog
 * or as a notice.
 */
function finish(dialog: Dialog, result: DialogResult, deps: ControlDeps): void {
  const {store} = deps;
  store.dispatch({type: 'refresh'});
  if (result.tone === 'good' && wereMarked(dialog, store.get())) store.dispatch({type: 'unmark'});
  const isUndoable = dialog.kind === 'set' || dialog.kind === 'unset';
  if (isUndoable && result.change !== undefined) store.dispatch({type: 'changed', change: result.change});
  if (dialog.kind === 'undo' && result.tone === 'good') store.dispatch({type: 'changed', change: undefined});
  const [first = 'done', ...more] = result.lines;
  const whom = [dialog.kind, ...whomShort(dialog)].join(' ');
  if (store.get().dialog?.write !== dialog.write)
    return showNotice(deps, `${first} (${whom}; 9 shows it)`, result.tone);
  if (result.tone !== 'good' || more.length > 2) return show({...dialog, phase: 'done', result}, deps);
  show(undefined, deps);
  const undo = isUndoable && result.change !== undefined ? 'z undoes; ' : '';
  showNotice(deps, `${[first, ...more].join(', ')} (${undo}${whom})`);
}

/** Whether the targets came from marks or from "all matches". Both are cleared after a write. */
function wereMarked({targets, where}: Dialog, {sessions}: State): boolean {
  if (where !== undefined) return sessions.isAllChosen;
  return targets.length > 0 && targets.every((one) => sessions.marks.has(targetReference(one)));
}

/** Returns the only target in short form, to fit beside the result; empty for several targets. */
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
