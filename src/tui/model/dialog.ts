import type {Target} from '../../cluster/cluster.js';
import type {State} from './state.js';
import type {TextField} from './text-field.js';

const actionKinds = ['send', 'bind', 'unbind', 'set', 'unset', 'kick', 'delete-record', 'settings'] as const;
export type ActionKind = (typeof actionKinds)[number];

/** How sure an operator has to be: the tiers of the command line. */
export type Confirmation =
  | {readonly ask: 'nothing'}
  | {readonly ask: 'yes'; readonly question: string}
  | {readonly ask: 'token'; readonly question: string; readonly token: string};

export interface DialogField extends TextField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
}

/** A change of one value, as it is shown before it is done and after. */
export interface PreviewLine {
  readonly text: string;
  readonly tone?: 'warn' | 'dim' | undefined;
}

/** Something that is about to be done: what is asked for, what it will do, and what came of it. */
export interface Dialog {
  readonly kind: ActionKind;
  readonly title: string;
  readonly targets: readonly Target[];
  /** The state when it was opened: what the operator saw then is what the action is about. */
  readonly stateAtOpen: State | undefined;
  /** The selector that chose the targets, where they were not marked one by one. */
  readonly where: string | undefined;
  /** Of a record. */
  readonly uid: string | undefined;
  readonly fields: readonly DialogField[];
  /** Of the field that is typed in. */
  readonly focus: number;
  readonly fault: string | undefined;
  readonly preview: readonly PreviewLine[];
  readonly confirmation: Confirmation;
  /** `gathering`: the gates are asked whom the selector means. */
  readonly phase: 'gathering' | 'fill' | 'confirm' | 'running' | 'done';
  /** What is typed for the token. */
  readonly confirmationText: TextField;
  /** The whole command that does the same. */
  readonly command: string;
  readonly progress: string | undefined;
  readonly result: DialogResult | undefined;
}

export interface DialogResult {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly lines: readonly string[];
}

export type FieldValues = Readonly<Record<string, string>>;

export const fieldValues = ({fields}: Pick<Dialog, 'fields'>): FieldValues =>
  Object.fromEntries(fields.map(({name, text}) => [name, text]));
