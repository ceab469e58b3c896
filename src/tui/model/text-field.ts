import type {InputEvent} from '../term/terminal.js';

/** A line of text with a cursor. The cursor position counts code points. */
export interface TextField {
  readonly text: string;
  readonly cursor: number;
  /** Whether the whole text is selected. Typing then replaces it; the arrow keys keep it. */
  readonly isSelected?: boolean | undefined;
}

export const textFieldWithText = (text: string): TextField => ({text, cursor: [...text].length});

/** Returns a field with a proposed text that typing replaces. */
export const textFieldWithProposal = (text: string): TextField => ({
  ...textFieldWithText(text),
  isSelected: text !== '',
});

/** Returns the field after a key or paste; undefined if the input doesn't apply to it. */
export function editTextField(field: TextField, event: InputEvent): TextField | undefined {
  const edited = editText(
    field.isSelected === true && isReplacing(event) ? textFieldWithText('') : field,
    event,
  );
  return edited && {...edited, isSelected: false};
}

const deleting: readonly string[] = ['backspace', 'ctrl-h', 'delete', 'ctrl-d', 'ctrl-u', 'ctrl-k', 'ctrl-w'];

/** Whether the input replaces a selected text: typing, pasting, or any deletion. */
function isReplacing(event: InputEvent): boolean {
  if (event.type === 'paste') return true;
  return event.type === 'key' && (event.text !== '' || deleting.includes(event.name));
}

function editText({text, cursor}: TextField, event: InputEvent): TextField | undefined {
  const characters = [...text];
  const put = (typed: string): TextField => {
    const added = [...typed];
    return {
      text: [...characters.slice(0, cursor), ...added, ...characters.slice(cursor)].join(''),
      cursor: cursor + added.length,
    };
  };
  const cut = (from: number, to: number): TextField => ({
    text: [...characters.slice(0, from), ...characters.slice(to)].join(''),
    cursor: from,
  });
  if (event.type === 'paste') return put(event.text.replaceAll(/[\r\n]+/g, ' '));
  if (event.type !== 'key') return undefined;
  switch (event.name) {
    case 'left':
    case 'ctrl-b':
      return {text, cursor: Math.max(0, cursor - 1)};
    case 'right':
    case 'ctrl-f':
      return {text, cursor: Math.min(characters.length, cursor + 1)};
    case 'home':
    case 'ctrl-a':
      return {text, cursor: 0};
    case 'end':
    case 'ctrl-e':
      return {text, cursor: characters.length};
    case 'backspace':
    case 'ctrl-h':
      return cursor === 0 ? {text, cursor} : cut(cursor - 1, cursor);
    case 'delete':
    case 'ctrl-d':
      return cut(cursor, cursor + 1);
    case 'ctrl-u':
      return cut(0, cursor);
    case 'ctrl-k':
      return cut(cursor, characters.length);
    case 'ctrl-w':
      return cut(wordBefore(characters, cursor), cursor);
    default:
      return event.text === '' ? undefined : put(event.text);
  }
}

function wordBefore(characters: readonly string[], at: number): number {
  let from = at;
  while (from > 0 && characters[from - 1] === ' ') from -= 1;
  while (from > 0 && characters[from - 1] !== ' ') from -= 1;
  return from;
}
