import {
  type ActionSubject,
  markedSessionLines,
  reasonToRecord,
  requiredConfirmation,
} from '../actions/action-spec.js';
import {actionSpecs, hasActionSpec} from '../actions/action-specs.js';
import {rateArguments, rateFields, ratePreviewLines} from '../actions/rate-field.js';
import {fullCommandLine} from '../keymap/equivalent-command.js';
import {type ActionSpecKind, type DialogKind, dialogFieldValues} from '../model/dialog-types.js';
import type {Dialog} from '../model/state.js';
import {textFieldWithText} from '../model/text-field.js';
import type {ControlDeps} from './control-deps.js';
import {fetchDialogPreview} from './dialog-preview.js';

/** Opens the dialog of an action on the given subject. */
export function openActionDialogFor(kind: ActionSpecKind, subject: ActionSubject, deps: ControlDeps): void {
  const spec = actionSpecs[kind];
  const fields = [...spec.fields(subject), ...rateFields(subject)];
  const initial = spec.initialField?.(subject);
  const dialog: Dialog = {
    ...emptyDialog(kind, spec.title(subject)),
    targets: subject.targets,
    stateAtOpen: subject.state,
    where: subject.where,
    uid: subject.uid,
    fields,
    focus: Math.max(
      0,
      fields.findIndex(({name}) => name === initial),
    ),
    confirmation: requiredConfirmation(spec, subject, dialogFieldValues({fields})),
    phase: fields.length === 0 ? 'confirm' : 'fill',
  };
  deps.store.dispatch({type: 'dialog', dialog: withUpdatedPreview(dialog, deps)});
  fetchDialogPreview(deps);
}

export const emptyDialog = (kind: DialogKind, title: string): Dialog => ({
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
    confirmationText: textFieldWithText(''),
    command: '',
  },
  ...{progress: undefined, result: undefined},
});

export const actionSubjectOfDialog = (
  {targets, where, uid, stateAtOpen}: Pick<Dialog, 'targets' | 'where' | 'uid' | 'stateAtOpen'>,
  {store}: Pick<ControlDeps, 'store'>,
): ActionSubject => ({
  state: stateAtOpen ?? store.get(),
  targets,
  where,
  uid,
});

/** Recomputes the preview and the command from the field values. */
export function withUpdatedPreview(dialog: Dialog, deps: ControlDeps): Dialog {
  if (!hasActionSpec(dialog.kind)) return dialog;
  const subject = actionSubjectOfDialog(dialog, deps);
  const values = dialogFieldValues(dialog);
  const {preview, command} = actionSpecs[dialog.kind];
  const reason = reasonToRecord(values, subject) ?? '';
  const words = [
    ...command(values, subject),
    ...rateArguments(values),
    ...(reason.trim() === '' ? [] : ['--reason', reason]),
  ];
  return {
    ...dialog,
    preview: [
      ...preview(values, subject),
      ...markedSessionLines(subject),
      ...ratePreviewLines(values, subject),
    ],
    command: fullCommandLine(subject.state, words),
  };
}
