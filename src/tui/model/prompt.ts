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
  /** Complete lines that Tab inserts. */
  readonly completions: readonly string[];
  readonly completion: number | undefined;
  /**
   * Index of the recalled history line, counted from the newest; undefined if the text was not
   * recalled.
   */
  readonly recalled: number | undefined;
}
