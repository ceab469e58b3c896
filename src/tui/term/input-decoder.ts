import type {InputEvent} from './input-event.js';
import {keyOfCharacter, keyOfCsi, keyOfLinuxConsole, keyOfSs3} from './key-names.js';

const esc = '\u001b';
const pasteStart = `${esc}[200~`;
const pasteEnd = `${esc}[201~`;
/**
 * Maximum length of an escape sequence, more than any key or mouse report. Longer sequences are
 * discarded.
 */
const maxSequence = 64;
/** Maximum number of characters per paste event. A longer paste is split. */
const maxPaste = 1024 * 1024;

/** Decodes terminal bytes into events. Chunks may split sequences, pastes and characters. */
interface InputDecoder {
  push(bytes: Uint8Array): readonly InputEvent[];
  /** Milliseconds to wait for the rest of a partial sequence before `flush`; 0 if there is none. */
  readonly flushDelayMs: number;
  /** Emits partial input: a lone ESC becomes the Esc key; an incomplete sequence is dropped. */
  flush(): readonly InputEvent[];
}

/** The control that ends a string. An ESC before anything else cancels it [ECMA-48 5.6]. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the controls
const stringEnd = /[\u0007\u0018\u001a\u009c]|\u001b\\?/;
/** First characters of the strings with which terminals reply. Others are keys that follow Esc. */
const stringStarts: Readonly<Record<string, RegExp>> = {
  ']': /^\d/,
  P: /^[\d>!+$]/,
  _: /^G/,
};

const escTimeoutMs = 30;
const sequenceTimeoutMs = 500;
const pasteTimeoutMs = 2000;

export function createInputDecoder(): InputDecoder {
  const utf8 = new TextDecoder();
  let text = '';
  let isPasting = false;

  const drain = (events: InputEvent[]): readonly InputEvent[] => {
    while (text !== '') {
      const taken = isPasting ? takePaste(text) : takeOne(text);
      if (taken === undefined) break;
      text = text.slice(taken.length);
      isPasting = taken.isPasting ?? isPasting;
      if (taken.event !== undefined) events.push(taken.event);
    }
    return events;
  };

  return {
    push(bytes) {
      const more = utf8.decode(bytes, {stream: true});
      const events: InputEvent[] = [];
      // Terminals send Esc as a separate chunk, but Alt with a key as Esc and the key in one chunk.
      if (text === esc && more !== '' && more[0] !== '[' && more[0] !== 'O') {
        text = '';
        events.push(keyOfCharacter(esc));
      }
      text += more;
      return drain(events);
    },
    get flushDelayMs() {
      if (isPasting) return pasteTimeoutMs;
      if (text === '') return 0;
      return text.length <= 2 ? escTimeoutMs : sequenceTimeoutMs;
    },
    flush() {
      const rest = text;
      text = '';
      if (isPasting) {
        isPasting = false;
        return rest === '' ? [] : [pasteOf(rest)];
      }
      if (rest.length > 2) return rest.endsWith(esc) ? [keyOfCharacter(esc)] : [];
      return Array.from(rest, keyOfCharacter);
    },
  };
}

interface Taken {
  /** Number of UTF-16 units consumed. */
  readonly length: number;
  readonly event?: InputEvent | undefined;
  readonly isPasting?: boolean;
}

/** Decodes the first event of a non-empty text; undefined if it is incomplete. */
function takeOne(text: string): Taken | undefined {
  if (text[0] !== esc) {
    const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
    return {length: character.length, event: keyOfCharacter(character)};
  }
  if (text.startsWith(pasteStart)) return {length: pasteStart.length, isPasting: true};
  switch (text[1]) {
    case undefined:
      return undefined;
    case '[':
      return takeCsi(text);
    case 'O':
      return text.length < 3 ? undefined : {length: 3, event: keyOfSs3(text[2] ?? '')};
    case ']':
    case 'P':
    case '_':
      return takeString(text, stringStarts[text[1]]);
    default: // Esc and then a key: a slow line or tmux may join them, and Alt with a key looks the same
      return {length: 1, event: keyOfCharacter(esc)};
  }
}

function takeCsi(text: string): Taken | undefined {
  if (text[2] === '[') {
    return text.length < 4 ? undefined : {length: 4, event: keyOfLinuxConsole(text[3] ?? '')};
  }
  if (text[2] === 'M') return text.length < 6 ? undefined : {length: 6}; // a mouse report of the old kind
  let at = 2;
  while (at < text.length && /[ -?]/.test(text[at] ?? '')) at++;
  if (at >= text.length) return text.length > maxSequence ? {length: text.length} : undefined;
  const final = text[at] ?? '';
  // An ESC or control character inside: the sequence was cut off.
  if (final < '@' || final > '~') return {length: at};
  const parameters = text.slice(2, at);
  if (parameters.startsWith('<')) return {length: at + 1, event: mouseOf(parameters.slice(1), final)};
  return {length: at + 1, event: keyOfCsi(parameters, final)};
}

/**
 * Decodes an SGR mouse report (`?1006`): `button ; column ; row`, with `M` for a press. Only the
 * wheel and left button are used.
 */
function mouseOf(parameters: string, final: string): InputEvent | undefined {
  const [button, column, row] = parameters.split(';').map(Number);
  if (button === undefined || column === undefined || row === undefined || final !== 'M') return undefined;
  if (!(column >= 1 && row >= 1)) return undefined;
  const place = {column: column - 1, row: row - 1};
  const kind = button & ~0b11100; // without shift, alt and control
  if (kind === 64) return {type: 'wheel', by: -1, ...place};
  if (kind === 65) return {type: 'wheel', by: 1, ...place};
  return kind === 0 ? {type: 'click', ...place} : undefined;
}

/** Skips OSC, DCS and APC strings, which are replies of the terminal. */
function takeString(text: string, start: RegExp | undefined): Taken | undefined {
  const rest = text.slice(2);
  if (rest === '') return undefined; // Esc and that character, if nothing follows
  if (start?.test(rest) !== true) return {length: 1, event: keyOfCharacter(esc)};
  const end = stringEnd.exec(rest);
  if (end === null) return text.length > maxSequence * 64 ? {length: text.length} : undefined;
  const isSplit = end[0] === esc && end.index + 1 === rest.length; // perhaps the first half of ESC \
  if (isSplit) return undefined;
  return {length: 2 + end.index + (end[0] === esc ? 0 : end[0].length)};
}

function takePaste(text: string): Taken | undefined {
  const end = text.indexOf(pasteEnd);
  if (end >= 0) return {length: end + pasteEnd.length, event: pasteOf(text.slice(0, end)), isPasting: false};
  if (text.length < maxPaste) return undefined;
  const length = text.length - pasteEnd.length; // the end marker may be split
  return {length, event: pasteOf(text.slice(0, length))};
}

function pasteOf(text: string): InputEvent {
  return {type: 'paste', text: text.replace(/\r\n?/g, '\n')};
}
