import type {InputEvent} from './input-event.js';

/** Keys by the final character of `ESC [ … x` and `ESC O x` (xterm, VT220, rxvt). */
const byFinal: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter', // the keypad's
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift-tab',
  a: 'shift-up',
  b: 'shift-down',
  c: 'shift-right',
  d: 'shift-left',
};

/** Keys by the number of `ESC [ n ~`. */
const byNumber: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pgup',
  6: 'pgdn',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** Keys of the Linux console's `ESC [ [ A` to `E`. */
const console5 = ['f1', 'f2', 'f3', 'f4', 'f5'];

const controls: Readonly<Record<number, string>> = {
  0: 'ctrl-space',
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  13: 'enter',
  27: 'esc',
  28: 'ctrl-\\',
  29: 'ctrl-]',
  30: 'ctrl-^',
  31: 'ctrl-_',
  127: 'backspace',
};

function key(name: string, text = ''): InputEvent {
  return {type: 'key', name, text};
}

/** Adds the modifiers of xterm's parameter: 1 + (1 shift, 2 alt, 4 control, 8 meta). */
function withModifiers(name: string, parameter: number | undefined): string {
  const bits = Math.max(0, (parameter ?? 1) - 1);
  const held = [bits & 4 ? 'ctrl-' : '', bits & 10 ? 'alt-' : '', bits & 1 ? 'shift-' : ''].join('');
  return name.startsWith('shift-') && held.includes('shift-') ? held + name.slice(6) : held + name;
}

/** Returns the key of a single typed character. */
export function keyOfCharacter(character: string): InputEvent {
  const code = character.codePointAt(0) ?? 0;
  if (character === ' ') return key('space', ' ');
  if (code > 31 && code !== 127) return key(character, code > 127 && code < 160 ? '' : character);
  return key(controls[code] ?? `ctrl-${String.fromCharCode(code + 96)}`);
}

/** Returns the key of `ESC O x`; undefined if it is not a key. */
export function keyOfSs3(final: string): InputEvent | undefined {
  const name = byFinal[final];
  return name === undefined ? undefined : key(name);
}

export function keyOfLinuxConsole(final: string): InputEvent | undefined {
  const name = console5[final.charCodeAt(0) - 65];
  return name === undefined ? undefined : key(name);
}

/**
 * Returns the key of `ESC [ parameters final`, except mouse and paste; undefined for other
 * sequences.
 */
export function keyOfCsi(parameters: string, final: string): InputEvent | undefined {
  if (!/^[\d;:]*$/.test(parameters)) return undefined;
  const [first, second] = parameters.split(';').map((part) => Number.parseInt(part, 10));
  const modifier = second === undefined || Number.isNaN(second) ? undefined : second;
  if (final === 'u') return keyOfCodePoint(first ?? 0, modifier);
  if ((final === '~' || final === '^') && first !== undefined) {
    const name = byNumber[first];
    const rxvt = final === '^' ? 5 : undefined;
    return name === undefined ? undefined : key(withModifiers(name, modifier ?? rxvt));
  }
  const name = byFinal[final];
  return name === undefined ? undefined : key(withModifiers(name, modifier));
}

/** Returns the key of `ESC [ code ; modifier u`, which terminals with unambiguous keys send. */
function keyOfCodePoint(code: number, modifier: number | undefined): InputEvent | undefined {
  if (code > 0x10ffff) return undefined;
  const plain = keyOfCharacter(String.fromCodePoint(code));
  if (plain.type !== 'key') return plain;
  const name = withModifiers(plain.name, modifier);
  return key(name, name === plain.name ? plain.text : '');
}
