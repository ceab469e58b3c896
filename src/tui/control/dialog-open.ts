import {actions} from '../actions/all.js';
import type {Subject} from '../actions/spec.js';
import {type ActionKind, type Dialog, valuesOf} from '../dialog.js';
import {withFlags} from '../equivalent.js';
import {recordUid, targetsOf} from '../targets.js';
import {fieldOf} from '../text-field.js';
import {lookAgain} from './dialog-look.js';
import type {Hands} from './hands.js';

export type DialogKind = Exclude<ActionKind, 'settings'>;

/** Opens the dialog of an action on what the cursor is on, or on what is marked. */
export function openDialog(kind: DialogKind, hands: Hands): void {
  const state = hands.store.get();
  const subject: Subject = {
    state,
    targets: kind === 'delete-record' ? [] : targetsOf(state),
    uid: kind === 'delete-record' ? recordUid(state) : undefined,
  };
  const spec = actions[kind];
  const fields = spec.fields(subject);
  const dialog: Dialog = {
    kind,
    title: spec.title(subject),
    targets: subject.targets,
    uid: subject.uid,
    fields,
    focus: 0,
    fault: undefined,
    preview: [],
    tier: spec.tier(subject),
    phase: fields.length === 0 ? 'confirm' : 'fill',
    typed: fieldOf(''),
    command: '',
    progress: undefined,
    result: undefined,
  };
  hands.store.dispatch({type: 'dialog', dialog: refreshed(dialog, hands)});
  lookAgain(hands);
}

export const subjectOf = ({targets, uid}: Dialog, {store}: Hands): Subject => ({
  state: store.get(),
  targets,
  uid,
});

/** Preview and command as the values are now. */
export function refreshed(dialog: Dialog, hands: Hands): Dialog {
  if (dialog.kind === 'settings') return dialog;
  const subject = subjectOf(dialog, hands);
  const spec = actions[dialog.kind];
  const values = valuesOf(dialog);
  return {
    ...dialog,
    preview: spec.preview(values, subject),
    command: withFlags(subject.state, spec.command(values, subject)),
  };
}
