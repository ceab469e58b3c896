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
export type ActionKind = (typeof actionKinds)[number];

/** Actions that are described by a spec. */
export type DialogKind = Exclude<ActionKind, 'settings' | 'user-command'>;

/** Confirmation that an action requires; the levels are those of the command line. */
export type RequiredConfirmation =
  | {readonly ask: 'nothing'}
  | {readonly ask: 'yes'; readonly question: string}
  | {readonly ask: 'token'; readonly question: string; readonly token: string};

export interface DialogField extends TextField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
}

/** A line that describes the effect of an action. */
export interface PreviewLine {
  readonly text: string;
  readonly tone?: 'warn' | 'dim' | undefined;
}

/** Settings of one session before and after a change. */
export interface SettingsChange {
  /** `Gate@id/<session id>` */
  readonly reference: string;
  readonly uid: string;
  readonly before: Session;
  readonly after: Session;
}

export interface DialogResult {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly lines: readonly string[];
  /** The change of a single session. */
  readonly change?: SettingsChange | undefined;
}

/** A write that was started in this dashboard. */
export interface DashboardWrite {
  readonly number: number;
  readonly title: string;
  /** The command line that does the same. */
  readonly command: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly progress: string | undefined;
  /** How it ended; undefined while it runs. */
  readonly result: DialogResult | undefined;
}

export interface Notice {
  readonly text: string;
  /** `good` and `bad` report the result of an action on any screen; `plain` and `warn` disappear when the screen changes. */
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
  readonly at: number;
}

export type FieldValues = Readonly<Record<string, string>>;

export const fieldValues = ({fields}: {readonly fields: readonly DialogField[]}): FieldValues =>
  Object.fromEntries(fields.map(({name, text}) => [name, text]));
