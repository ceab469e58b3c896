import {actions} from '../actions/all.js';
import {paceLines, rateField, rateWords} from '../actions/pace.js';
import {markedLines, type Subject} from '../actions/spec.js';
import {type ActionKind, type Dialog, valuesOf} from '../dialog.js';
import {withFlags} from '../equivalent.js';
import {fieldOf} from '../text-field.js';
import {lookAgain} from './dialog-look.js';
import type {Hands} from './hands.js';

export type DialogKind = Exclude<ActionKind, 'settings'>;

/** Opens the dialog of an action on these. */
export function openOn(kind: DialogKind, subject: Subject, hands: Hands): void {
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
  hands.store.dispatch({type: 'dialog', dialog: refreshed(dialog, hands)});
  lookAgain(hands);
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

export const subjectOf = (
  {targets, where, uid, seen}: Pick<Dialog, 'targets' | 'where' | 'uid' | 'seen'>,
  {store}: Pick<Hands, 'store'>,
): Subject => ({
  state: seen ?? store.get(),
  targets,
  where,
  uid,
});

/** Preview and command as the values are now. */
export function refreshed(dialog: Dialog, hands: Hands): Dialog {
  if (dialog.kind === 'settings') return dialog;
  const subject = subjectOf(dialog, hands);
  const values = valuesOf(dialog);
  const {preview, command} = actions[dialog.kind];
  const words = [...command(values, subject), ...rateWords(values)];
  return {
    ...dialog,
    preview: [...preview(values, subject), ...markedLines(subject), ...paceLines(values, subject)],
    command: withFlags(subject.state, words),
  };
}
