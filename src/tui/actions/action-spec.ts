import type {Target} from '../../cluster/cluster.js';
import {maxTargetsWithoutTypedConfirmation} from '../../cluster/write/bulk-limits.js';
import {formatPlural} from '../../output/text/humanize.js';
import {bulkQuestion} from '../../presentation/bulk-question.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {displayedSessionReference, targetReference} from '../model/action-targets.js';
import type {
  DialogField,
  DialogFieldValues,
  DialogKind,
  DialogResult,
  PreviewLine,
  RequiredConfirmation,
} from '../model/dialog-types.js';
import type {State} from '../model/state.js';
import {isAnomaliesScreen} from '../model/tables/anomalies-and-findings.js';
import {textFieldWithProposal} from '../model/text-field.js';

/** Targets of an action: sessions, or the record of a uid. */
export interface ActionSubject {
  readonly state: State;
  readonly targets: readonly Target[];
  /** Selector that matched the targets; undefined if they were marked or under the cursor. */
  readonly where: string | undefined;
  readonly uid: string | undefined;
}

/** Options of one run of an action. */
export interface ActionRunOptions {
  readonly deps: DashboardDeps;
  readonly signal: AbortSignal;
  /** Writes per second on each gate; 0 for no limit. */
  readonly rate: number;
  /** Reports progress. */
  progress(text: string): void;
}

/** Defines an action on sessions or a record. */
export interface ActionSpec {
  readonly kind: DialogKind;
  readonly title: (subject: ActionSubject) => string;
  readonly fields: (subject: ActionSubject) => readonly DialogField[];
  /** Optional fields, shown on request. */
  readonly moreFields?: (subject: ActionSubject) => readonly DialogField[];
  /** Returns the name of the field with the cursor when the dialog opens; the first by default. */
  readonly initialField?: (subject: ActionSubject) => string | undefined;
  /**
   * Returns the values after an edit, with dependent fields updated. If that changes the edited
   * field, the cursor moves to the next one.
   */
  readonly updateFields?: (
    before: DialogFieldValues,
    after: DialogFieldValues,
    subject: ActionSubject,
  ) => DialogFieldValues;
  /** Returns an error message if the values are invalid, otherwise undefined. */
  readonly validate: (values: DialogFieldValues, subject: ActionSubject) => string | undefined;
  /** Describes the effect. `fetchPreview` adds lines that need data from the gates. */
  readonly preview: (values: DialogFieldValues, subject: ActionSubject) => readonly PreviewLine[];
  readonly fetchPreview?: (
    values: DialogFieldValues,
    subject: ActionSubject,
    deps: DashboardDeps,
  ) => Promise<readonly PreviewLine[]>;
  readonly confirmation: (subject: ActionSubject, values: DialogFieldValues) => RequiredConfirmation;
  /** Words of the equivalent command, without `gatectl`. */
  readonly command: (values: DialogFieldValues, subject: ActionSubject) => readonly string[];
  readonly run: (
    values: DialogFieldValues,
    subject: ActionSubject,
    job: ActionRunOptions,
  ) => Promise<DialogResult>;
}

export function confirmationByCount(
  verb: string,
  {targets}: ActionSubject,
  destroys: boolean,
): RequiredConfirmation {
  const count = targets.length;
  const question = bulkQuestion(verb, formatPlural(count, 'session'));
  if (count > maxTargetsWithoutTypedConfirmation) return {ask: 'token', question, token: `${verb} ${count}`};
  return destroys ? {ask: 'yes', question} : {ask: 'nothing'};
}

/** Returns the confirmation that an action requires. On a protected cluster, the operator must type the cluster's name. */
export function requiredConfirmation(
  {confirmation, title}: Pick<ActionSpec, 'confirmation' | 'title'>,
  subject: ActionSubject,
  values: DialogFieldValues,
): RequiredConfirmation {
  const usual = confirmation(subject, values);
  const {protectedName: token} = subject.state.options;
  if (token === undefined) return usual;
  return {ask: 'token', question: usual.ask === 'nothing' ? `${title(subject)}?` : usual.question, token};
}

/** Returns `session 5f00… of uid u42 on Gate@a`, or the number of targets. */
export function targetLabel({targets, where, state}: ActionSubject): string {
  const [only] = targets;
  if (only === undefined || targets.length > 1)
    return where === undefined
      ? formatPlural(targets.length, isAnomaliesScreen(state) ? 'session' : 'marked session')
      : `${formatPlural(targets.length, 'session')} where ${where}`;
  const uid = only.uid === '' ? 'a guest' : `uid ${only.uid}`;
  const isShort = state.size.columns < 70;
  return isShort ? `${only.id} (${uid})` : `session ${only.id} of ${uid} on ${only.node}`;
}

/** Returns the command-line arguments that select the targets. */
export function targetArguments({targets, where}: ActionSubject): readonly string[] {
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return [`${only.node}/${only.id}`];
  if (where !== undefined) return ['--where', where];
  return ['--where', `id in [${targets.map(({id}) => JSON.stringify(id)).join(', ')}]`];
}

/** Returns the session of a single target, if it is loaded. */
export function loadedSessionOfTarget({state, targets}: ActionSubject) {
  const [only] = targets;
  if (only === undefined || targets.length > 1) return undefined;
  const reference = targetReference(only);
  if (displayedSessionReference(state) === reference) return state.detail?.session;
  return state.sessions.rows.find(({key}) => key === reference)?.row.session;
}

/** Lists the marked sessions and warns about those hidden by the filter. */
export function markedSessionLines({state, targets, where}: ActionSubject): readonly PreviewLine[] {
  if (where !== undefined || targets.length === 0 || targets.length > maxTargetsWithoutTypedConfirmation)
    return [];
  if (isAnomaliesScreen(state))
    return targets.map((target) => ({text: targetReference(target), tone: 'dim'}));
  if (displayedSessionReference(state) !== undefined || state.sessions.marks.size === 0) return [];
  const listed = new Set(state.sessions.rows.map(({key}) => key));
  const hidden = targets.filter((one) => !listed.has(targetReference(one)));
  const names = targets.map(({id, uid}) => (uid === '' ? id : uid)).join(', ');
  return [
    {text: `marked: ${names}`, tone: 'dim'},
    ...(hidden.length === 0
      ? []
      : [{text: `${hidden.length} of them hidden by the current filter`, tone: 'warn'} as const]),
  ];
}

export const reasonFields = (state: State): readonly DialogField[] =>
  state.options.requireReasonSource === undefined
    ? []
    : [dialogTextField('reason', 'reason', state.options.reason ?? '', 'for the journal: a ticket, a name')];

export function dialogTextField(name: string, label: string, text: string, hint: string): DialogField {
  return {name, label, ...textFieldWithProposal(text), hint};
}

/** Creates a field that accepts only digits. */
export const dialogNumberField = (...field: Parameters<typeof dialogTextField>): DialogField => ({
  ...dialogTextField(...field),
  isNumber: true,
});

export function missingReasonError({reason}: DialogFieldValues): string | undefined {
  return reason !== undefined && reason.trim() === ''
    ? 'missing reason: every write requires one'
    : undefined;
}

/** Returns the reason to record with the write. */
export const reasonToRecord = ({reason}: DialogFieldValues, {state}: ActionSubject): string | undefined =>
  reason ?? state.options.reason;
