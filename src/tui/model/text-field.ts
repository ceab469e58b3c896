import type {InputEvent} from '../term/terminal.js';

/** A line of text with a cursor; `at` counts characters, not bytes. */
export interface TextField {
  readonly text: string;
  readonly at: number;
}

export const fieldOf = (text: string): TextField => ({text, at: [...text].length});

/** What a key or a paste makes of a field; undefined when it is nothing to the field. */
export function editField({text, at}: TextField, event: InputEvent): TextField | undefined {
  const characters = [...text];
  const put = (typed: string): TextField => {
    const added = [...typed];
    return {
      text: [...characters.slice(0, at), ...added, ...characters.slice(at)].join(''),
      at: at + added.length,
    };
  };
  const cut = (from: number, to: number): TextField => ({
    text: [...characters.slice(0, from), ...characters.slice(to)].join(''),
    at: from,
  });
  if (event.type === 'paste') return put(event.text.replaceAll(/[\r\n]+/g, ' '));
  if (event.type !== 'key') return undefined;
  switch (event.name) {
    case 'left':
    case 'ctrl-b':
      return {text, at: Math.max(0, at - 1)};
    case 'right':
    case 'ctrl-f':
      return {text, at: Math.min(characters.length, at + 1)};
    case 'home':
    case 'ctrl-a':
      return {text, at: 0};
    case 'end':
    case 'ctrl-e':
      return {text, at: characters.length};
    case 'backspace':
    case 'ctrl-h':
      return at === 0 ? {text, at} : cut(at - 1, at);
    case 'delete':
    case 'ctrl-d':
      return cut(at, at + 1);
    case 'ctrl-u':
      return cut(0, at);
    case 'ctrl-k':
      return cut(at, characters.length);
    case 'ctrl-w':
      return cut(wordBefore(characters, at), at);
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
