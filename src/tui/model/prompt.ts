import type {TextField} from './text-field.js';

export type PromptKind = 'filter' | 'find' | 'write' | 'command' | 'columns' | 'sort';

/** The prompt line being edited. */
export interface Prompt extends TextField {
  readonly kind: PromptKind;
  /** Text before editing, restored by Esc. */
  readonly before: string;
  readonly fault:
    | {readonly message: string; readonly start: number; readonly hint: string | undefined}
    | undefined;
  /** Whole lines that Tab inserts. */
  readonly completions: readonly string[];
  readonly completion: number | undefined;
  /** The line of the history on screen, counted from the newest; undefined for a line of its own. */
  readonly recalled: number | undefined;
}
