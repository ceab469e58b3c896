import type {TargetOutcome} from '../../cluster/cluster.js';
import type {Session} from '../../session/session.js';
import type {TextField} from './text-field.js';

const actionKinds = [
  'send',
  'bind',
  'unbind',
  'set',
  'unset',
  'kick',
  'delete-record',
  'drain',
  'resume',
  'undo',
  'settings',
  'user-command',
] as const;
export type DialogKind = (typeof actionKinds)[number];

/** Kinds of actions that are described by an action spec. */
export type ActionSpecKind = Exclude<DialogKind, 'settings' | 'user-command'>;

/** Confirmation that an action requires. The levels match those of the command line. */
export type RequiredConfirmation =
  | {readonly ask: 'nothing'}
  | {readonly ask: 'yes'; readonly question: string}
  | {readonly ask: 'token'; readonly question: string; readonly token: string};

export interface DialogField extends TextField {
  /** Whether only digits can be typed. */
  readonly isNumber?: boolean | undefined;
  readonly name: string;
  readonly label: string;
  readonly hint: string;
}

/** One line of the description of an action's effect. */
export interface PreviewLine {
  readonly text: string;
  readonly tone?: 'warn' | 'dim' | undefined;
}

export interface SettingsChange {
  /** Session reference, `Gate@id/<session id>`. */
  readonly reference: string;
  readonly uid: string;
  readonly before: Session;
  readonly after: Session;
}

export interface DialogResult {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly lines: readonly string[];
  /** Outcomes of the first targets of a write on several sessions. */
  readonly outcomes?: readonly TargetOutcome[] | undefined;
  /** The settings change, if the write changed a single session. */
  readonly change?: SettingsChange | undefined;
}

/** A write started in this dashboard. */
export interface DashboardWrite {
  readonly number: number;
  readonly title: string;
  /** Equivalent command line. */
  readonly command: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly progress: string | undefined;
  /** Result; undefined while the write runs. */
  readonly result: DialogResult | undefined;
}

export interface Notice {
  readonly text: string;
  /**
   * `good` and `bad` report an action's result on any screen; `plain` and `warn` are cleared when
   * the screen changes.
   */
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
  readonly at: number;
}

export type DialogFieldValues = Readonly<Record<string, string>>;

export const dialogFieldValues = ({fields}: {readonly fields: readonly DialogField[]}): DialogFieldValues =>
  Object.fromEntries(fields.map(({name, text}) => [name, text]));
