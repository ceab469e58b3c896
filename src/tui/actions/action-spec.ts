import type {Target} from '../../cluster/cluster.js';
import {typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {plural} from '../../output/text/humanize.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {
  ActionKind,
  Confirmation,
  DialogField,
  DialogResult,
  FieldValues,
  PreviewLine,
} from '../model/dialog.js';
import type {State} from '../model/state.js';
import {sessionReference, shownReference} from '../model/targets.js';

/** What an action is about: sessions, or the record of a uid. */
export interface ActionSubject {
  readonly state: State;
  readonly targets: readonly Target[];
  /** The selector that chose the targets; undefined for those that are marked or under the cursor. */
  readonly where: string | undefined;
  readonly uid: string | undefined;
}

/** A run of an action. */
export interface ActionRun {
  readonly deps: DashboardDeps;
  readonly signal: AbortSignal;
  /** Writes a second on each gate, of an action on many; 0 for no bound. */
  readonly rate: number;
  /** Says how far it is. */
  progress(text: string): void;
}

/** One thing that can be done to sessions or a record. */
export interface ActionSpec {
  readonly kind: ActionKind;
  readonly title: (subject: ActionSubject) => string;
  readonly fields: (subject: ActionSubject) => readonly DialogField[];
  /** What a change of one value makes of the others. */
  readonly updateFields?: (before: FieldValues, after: FieldValues, subject: ActionSubject) => FieldValues;
  /** Why these values cannot be sent. */
  readonly validate: (values: FieldValues, subject: ActionSubject) => string | undefined;
  /** What it will do. `ask` fetches what only a gate knows. */
  readonly preview: (values: FieldValues, subject: ActionSubject) => readonly PreviewLine[];
  readonly fetchPreview?: (
    values: FieldValues,
    subject: ActionSubject,
    deps: DashboardDeps,
  ) => Promise<readonly PreviewLine[]>;
  readonly confirmation: (subject: ActionSubject, values: FieldValues) => Confirmation;
  /** The same as words of a command line, without `gatectl`. */
  readonly command: (values: FieldValues, subject: ActionSubject) => readonly string[];
  readonly run: (values: FieldValues, subject: ActionSubject, job: ActionRun) => Promise<DialogResult>;
}

export function confirmationFor(verb: string, {targets}: ActionSubject, destroys: boolean): Confirmation {
  const count = targets.length;
  const question = `${verb} ${plural(count, 'session')}?`;
  if (count > typedConfirmationAbove) return {ask: 'token', question, token: `${verb} ${count}`};
  return destroys ? {ask: 'yes', question} : {ask: 'nothing'};
}

/** `session 5f00… of uid u42 on Gate@a`, or how many. */
export function targetLabel({targets, where, state}: ActionSubject): string {
  const [only] = targets;
  if (only === undefined || targets.length > 1)
    return where === undefined
      ? plural(targets.length, 'marked session')
      : `${plural(targets.length, 'session')} where ${where}`;
  const uid = only.uid === '' ? 'a guest' : `uid ${only.uid}`;
  const isShort = state.size.columns < 70;
  return isShort ? `${only.id} (${uid})` : `session ${only.id} of ${uid} on ${only.node}`;
}

/** Words that select the targets on a command line. */
export function selectionWords({targets, where}: ActionSubject): readonly string[] {
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return [`${only.node}/${only.id}`];
  if (where !== undefined) return ['--where', where];
  return ['--where', `id in [${targets.map(({id}) => JSON.stringify(id)).join(', ')}]`];
}

/** The session of the only target, where its state is known. */
export function knownSession({state, targets}: ActionSubject) {
  const [only] = targets;
  if (only === undefined || targets.length > 1) return undefined;
  const reference = sessionReference(only);
  if (shownReference(state) === reference) return state.detail?.session;
  return state.sessions.rows.find(({key}) => key === reference)?.row.session;
}

/** Who is marked, and how many of them the table does not show as it is filtered now. */
export function markedLines({state, targets, where}: ActionSubject): readonly PreviewLine[] {
  if (where !== undefined || targets.length === 0 || targets.length > typedConfirmationAbove) return [];
  if (shownReference(state) !== undefined || state.sessions.marks.size === 0) return [];
  const listed = new Set(state.sessions.rows.map(({key}) => key));
  const hidden = targets.filter((one) => !listed.has(sessionReference(one)));
  const names = targets.map(({id, uid}) => (uid === '' ? id : uid)).join(', ');
  return [
    {text: `marked: ${names}`, tone: 'dim'},
    ...(hidden.length === 0
      ? []
      : [{text: `${hidden.length} of them not listed, as the table is filtered now`, tone: 'warn'} as const]),
  ];
}

export const reasonField = (state: State): readonly DialogField[] =>
  state.options.requireReasonSource === undefined
    ? []
    : [textField('reason', 'reason', state.options.reason ?? '', 'for the journal: a ticket, a name')];

export function textField(name: string, label: string, text: string, hint: string): DialogField {
  return {name, label, text, cursor: [...text].length, hint};
}

export function missingReason({reason}: FieldValues): string | undefined {
  return reason !== undefined && reason.trim() === '' ? 'a reason is wanted with every write' : undefined;
}

/** The reason that goes with a write. */
export const dialogReason = ({reason}: FieldValues, {state}: ActionSubject): string | undefined =>
  reason ?? state.options.reason;
