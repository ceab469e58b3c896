import {type ActionSubject, confirmationOf, markedLines} from '../actions/action-spec.js';
import {actionSpecs, hasSpec} from '../actions/actions.js';
import {rateField, rateFlags, rateLines} from '../actions/rate.js';
import {withFlags} from '../keymap/equivalent-command.js';
import {type ActionKind, type DialogKind, fieldValues} from '../model/dialog.js';
import type {Dialog} from '../model/state.js';
import {textFieldOf} from '../model/text-field.js';
import type {ControlDeps} from './control-deps.js';
import {refreshPreview} from './dialog-preview.js';

/** Opens the dialog of an action on the given subject. */
export function openDialogFor(kind: DialogKind, subject: ActionSubject, deps: ControlDeps): void {
  const spec = actionSpecs[kind];
  const fields = [...spec.fields(subject), ...rateField(subject)];
  const dialog: Dialog = {
    ...emptyDialog(kind, spec.title(subject)),
    targets: subject.targets,
    stateAtOpen: subject.state,
    where: subject.where,
    uid: subject.uid,
    fields,
    confirmation: confirmationOf(spec, subject, fieldValues({fields})),
    phase: fields.length === 0 ? 'confirm' : 'fill',
  };
  deps.store.dispatch({type: 'dialog', dialog: withPreview(dialog, deps)});
  refreshPreview(deps);
}

export const emptyDialog = (kind: ActionKind, title: string): Dialog => ({
  ...{
    kind,
    title,
    targets: [],
    stateAtOpen: undefined,
    where: undefined,
    uid: undefined,
    fields: [],
    focus: 0,
    fault: undefined,
  },
  ...{
    preview: [],
    confirmation: {ask: 'nothing'},
    phase: 'fill',
    confirmationText: textFieldOf(''),
    command: '',
  },
  ...{progress: undefined, result: undefined},
});

export const dialogSubject = (
  {targets, where, uid, stateAtOpen}: Pick<Dialog, 'targets' | 'where' | 'uid' | 'stateAtOpen'>,
  {store}: Pick<ControlDeps, 'store'>,
): ActionSubject => ({
  state: stateAtOpen ?? store.get(),
  targets,
  where,
  uid,
});

/** Recomputes the preview and the command from the field values. */
export function withPreview(dialog: Dialog, deps: ControlDeps): Dialog {
  if (!hasSpec(dialog.kind)) return dialog;
  const subject = dialogSubject(dialog, deps);
  const values = fieldValues(dialog);
  const {preview, command} = actionSpecs[dialog.kind];
  const words = [...command(values, subject), ...rateFlags(values)];
  return {
    ...dialog,
    preview: [...preview(values, subject), ...markedLines(subject), ...rateLines(values, subject)],
    command: withFlags(subject.state, words),
  };
}
