import {manyTargets, usualPace} from '../../cluster/bulk-limits.js';
import type {BulkAction, Target, TargetOutcome, TargetState} from '../../cluster/cluster.js';
import {ExitCode as codes, type ExitCode} from '../../errors.js';
import {grouped, plural} from '../../output/human.js';
import type {ActionKind, DialogField, DialogResult, PreviewLine, Tier, Values} from '../dialog.js';
import type {ActionNotes, Doors} from '../doors.js';
import type {State} from '../state.js';
import {partsOf} from '../targets.js';

/** What an action is about: sessions, or the record of a uid. */
export interface Subject {
  readonly state: State;
  readonly targets: readonly Target[];
  readonly uid: string | undefined;
}

/** A run of an action. */
export interface Job {
  readonly doors: Doors;
  readonly signal: AbortSignal;
  /** Says how far it is. */
  progress(text: string): void;
}

/** One thing that can be done to sessions or a record. */
export interface ActionSpec {
  readonly kind: ActionKind;
  readonly title: (subject: Subject) => string;
  readonly fields: (subject: Subject) => readonly DialogField[];
  /** What a change of one value makes of the others. */
  readonly follow?: (before: Values, after: Values, subject: Subject) => Values;
  /** Why these values cannot be sent. */
  readonly fault: (values: Values, subject: Subject) => string | undefined;
  /** What it will do. `ask` fetches what only a gate knows. */
  readonly preview: (values: Values, subject: Subject) => readonly PreviewLine[];
  readonly look?: (values: Values, subject: Subject, doors: Doors) => Promise<readonly PreviewLine[]>;
  readonly tier: (subject: Subject) => Tier;
  /** The same as words of a command line, without `gatectl`. */
  readonly command: (values: Values, subject: Subject) => readonly string[];
  readonly run: (values: Values, subject: Subject, job: Job) => Promise<DialogResult>;
}

export function tierOf(verb: string, {targets}: Subject, destroys: boolean): Tier {
  const count = targets.length;
  const question = `${verb} ${plural(count, 'session')}?`;
  if (count > manyTargets) return {ask: 'token', question, token: `${verb} ${count}`};
  return destroys ? {ask: 'yes', question} : {ask: 'nothing'};
}

/** `session 5f00… of uid u42 on Gate@a`, or how many. */
export function whom({targets, state}: Subject): string {
  const [only] = targets;
  if (only === undefined || targets.length > 1) return plural(targets.length, 'marked session');
  const uid = only.uid === '' ? 'a guest' : `uid ${only.uid}`;
  const isShort = state.size.columns < 70;
  return isShort ? `${only.id} (${uid})` : `session ${only.id} of ${uid} on ${only.node}`;
}

/** Words that select the targets on a command line. */
export function selection({targets}: Subject): readonly string[] {
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return [`${only.node}/${only.id}`];
  return ['--where', `id in [${targets.map(({id}) => JSON.stringify(id)).join(', ')}]`];
}

/** The session of the only target, where its state is known. */
export function sessionOf({state, targets}: Subject) {
  const [only] = targets;
  if (only === undefined || targets.length > 1) return undefined;
  if (state.detail?.session !== undefined && partsOf(state.detail.reference).id === only.id)
    return state.detail.session;
  return state.sessions.rows.find(({key}) => key === `${only.node}/${only.id}`)?.row.session;
}

export const reasonField = (state: State): readonly DialogField[] =>
  state.about.requireReason === undefined
    ? []
    : [textField('reason', 'reason', state.about.reason ?? '', 'for the journal: a ticket, a name')];

export function textField(name: string, label: string, text: string, hint: string): DialogField {
  return {name, label, text, at: [...text].length, hint};
}

export function missingReason({reason}: Values): string | undefined {
  return reason !== undefined && reason.trim() === '' ? 'a reason is wanted with every write' : undefined;
}

/** The reason that goes with a write. */
export const reasonOf = ({reason}: Values, {state}: Subject): string | undefined =>
  reason ?? state.about.reason;

export const paceText = ({length}: readonly Target[]): string =>
  length > 1 ? `, ${usualPace.rate} a second` : '';

/** Does one thing to all targets, evenly paced, and tells how many have which outcome. */
export async function writeToAll(
  write: {
    readonly path: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly reason: string | undefined;
  },
  action: BulkAction,
  {targets}: Subject,
  {doors, signal, progress}: Job,
): Promise<DialogResult> {
  const counts: Record<TargetState, number> = {done: 0, pending: 0, gone: 0, failed: 0, unknown: 0};
  let firstFault: string | undefined;
  let begun = 0;
  const run = async (notes: ActionNotes): Promise<ExitCode> => {
    for await (const one of doors.cluster.writeAll(targets, action, {...usualPace, signal})) {
      begun += 1;
      counts[one.state] += 1;
      firstFault ??= faultOf(one);
      notes.change(`${one.node}/${one.id}`, {uid: one.uid}, one.state);
      progress(`${grouped(begun)} of ${grouped(targets.length)}`);
    }
    notes.counts = {targets: targets.length, ...counts};
    if (counts.unknown > 0 || counts.pending > 0) return codes.outcomeUnknown;
    return counts.failed > 0 || begun < targets.length ? codes.negative : codes.done;
  };
  const code = await doors.act({...write, input: {...write.input, marked: targets.length}}, run);
  const said = (Object.keys(counts) as TargetState[]).filter((state) => counts[state] > 0);
  const left = targets.length - begun;
  return {
    tone: code === codes.done ? 'good' : 'warn',
    lines: [
      `${said.map((state) => `${grouped(counts[state])} ${state}`).join(', ') || 'nothing'} of ${plural(targets.length, 'session')}`,
      ...(left > 0 ? [`${plural(left, 'session')} not begun`] : []),
      ...(firstFault === undefined ? [] : [firstFault]),
    ],
  };
}

const faultOf = ({id, state, detail}: TargetOutcome): string | undefined =>
  state === 'failed' || state === 'unknown' ? `${id}: ${detail ?? state}` : undefined;
