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
  'settings',
  'user-command',
] as const;
export type ActionKind = (typeof actionKinds)[number];

/** Actions that are described by a spec. */
export type DialogKind = Exclude<ActionKind, 'settings' | 'user-command'>;

/** Confirmation that an action requires; the levels are those of the command line. */
export type Confirmation =
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

export interface DialogResult {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly lines: readonly string[];
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
