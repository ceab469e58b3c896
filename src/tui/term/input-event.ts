/**
 * Input at the terminal. Columns and rows count from 0.
 *
 * A key's `name` is the character itself (`a`, `A`, `/`, `é`) or one of `enter esc tab shift-tab space backspace
 * insert delete up down left right home end pgup pgdn f1`…`f12`, with `ctrl-`, `alt-`, `shift-` before it, in this
 * order, where they were held (`ctrl-c`, `alt-up`, `ctrl-shift-up`). Alt with a character comes as `esc` and the
 * character, since terminals send the same for both. `text` is what the key writes into a text field; empty for keys
 * that write nothing.
 */
export type InputEvent =
  | {readonly type: 'key'; readonly name: string; readonly text: string}
  /**
   * Pasted text. Lines end with `
   * `; otherwise it is unchanged.
   */
  | {readonly type: 'paste'; readonly text: string}
  | {readonly type: 'wheel'; readonly by: -1 | 1; readonly column: number; readonly row: number}
  | {readonly type: 'click'; readonly column: number; readonly row: number};
