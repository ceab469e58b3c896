import {actions} from '../actions/all.js';
import {paceLines, rateField, rateText} from '../actions/pace.js';
import {markedLines, type Subject} from '../actions/spec.js';
import {withFlags} from '../keymap/equivalent-command.js';
import {type ActionKind, type Dialog, valuesOf} from '../model/dialog.js';
import {fieldOf} from '../model/text-field.js';
import type {ControlDeps} from './control-deps.js';
import {refreshPreview} from './dialog-preview.js';

export type DialogKind = Exclude<ActionKind, 'settings'>;

/** Opens the dialog of an action on these. */
export function openDialogOn(kind: DialogKind, subject: Subject, hands: ControlDeps): void {
  const spec = actions[kind];
  const fields = [...spec.fields(subject), ...rateField(subject)];
  const dialog: Dialog = {
    ...emptyDialog(kind, spec.title(subject)),
    targets: subject.targets,
    seen: subject.state,
    where: subject.where,
    uid: subject.uid,
    fields,
    tier: spec.tier(subject, valuesOf({fields})),
    phase: fields.length === 0 ? 'confirm' : 'fill',
  };
  hands.store.dispatch({type: 'dialog', dialog: reopenedDialog(dialog, hands)});
  refreshPreview(hands);
}

export const emptyDialog = (kind: DialogKind, title: string): Dialog => ({
  ...{
    kind,
    title,
    targets: [],
    seen: undefined,
    where: undefined,
    uid: undefined,
    fields: [],
    focus: 0,
    fault: undefined,
  },
  ...{preview: [], tier: {ask: 'nothing'}, phase: 'fill', typed: fieldOf(''), command: ''},
  ...{progress: undefined, result: undefined},
});

export const dialogSubject = (
  {targets, where, uid, seen}: Pick<Dialog, 'targets' | 'where' | 'uid' | 'seen'>,
  {store}: Pick<ControlDeps, 'store'>,
): Subject => ({
  state: seen ?? store.get(),
  targets,
  where,
  uid,
});

/** Preview and command as the values are now. */
export function reopenedDialog(dialog: Dialog, hands: ControlDeps): Dialog {
  if (dialog.kind === 'settings') return dialog;
  const subject = dialogSubject(dialog, hands);
  const values = valuesOf(dialog);
  const {preview, command} = actions[dialog.kind];
  const words = [...command(values, subject), ...rateText(values)];
  return {
    ...dialog,
    preview: [...preview(values, subject), ...markedLines(subject), ...paceLines(values, subject)],
    command: withFlags(subject.state, words),
  };
}
