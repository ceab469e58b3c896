import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createInputDecoder} from '../../../../src/tui/term/input-decoder.js';
import type {InputEvent} from '../../../../src/tui/term/input-event.js';
import {runs} from '../../../support/tiers.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** The events of chunks that come one after the other, and of what is left when no more comes. */
function decoded(...chunks: readonly (string | Uint8Array)[]): InputEvent[] {
  const decoder = createInputDecoder();
  const events = chunks.flatMap((chunk) => decoder.push(typeof chunk === 'string' ? bytes(chunk) : chunk));
  return [...events, ...decoder.flush()];
}

const names = (...chunks: readonly string[]): string[] =>
  decoded(...chunks).map((event) => (event.type === 'key' ? event.name : event.type));

describe('keys', () => {
  test.each([
    ['a', 'a'],
    ['A', 'A'],
    ['/', '/'],
    ['é', 'é'],
    ['漢', '漢'],
    ['😀', '😀'],
    [' ', 'space'],
    ['\r', 'enter'],
    ['\n', 'enter'],
    ['\t', 'tab'],
    ['\u007f', 'backspace'],
    ['\b', 'backspace'],
    ['\u0003', 'ctrl-c'],
    ['\u001a', 'ctrl-z'],
    ['\u0000', 'ctrl-space'],
    ['\u001f', 'ctrl-_'],
    ['\u001b', 'esc'],
    ['\u001b\u001b', 'esc esc'],
    ['\u001b[A', 'up'],
    ['\u001bOB', 'down'],
    ['\u001b[1;5C', 'ctrl-right'],
    ['\u001b[1;2D', 'shift-left'],
    ['\u001b[1;6A', 'ctrl-shift-up'],
    ['\u001b[1;3A', 'alt-up'],
    ['\u001b\u001b[A', 'esc up'],
    ['\u001b[Z', 'shift-tab'],
    ['\u001b[H', 'home'],
    ['\u001bOF', 'end'],
    ['\u001b[1~', 'home'],
    ['\u001b[4~', 'end'],
    ['\u001b[5~', 'pgup'],
    ['\u001b[6~', 'pgdn'],
    ['\u001b[6;5~', 'ctrl-pgdn'],
    ['\u001b[3~', 'delete'],
    ['\u001b[5^', 'ctrl-pgup'],
    ['\u001bOP', 'f1'],
    ['\u001b[[E', 'f5'],
    ['\u001b[15~', 'f5'],
    ['\u001b[24~', 'f12'],
    ['\u001b[a', 'shift-up'],
    ['\u001bx', 'esc x'],
    ['\u001b\r', 'esc enter'],
    ['\u001b\u0018', 'esc ctrl-x'],
    ['\u001b[97;5u', 'ctrl-a'],
    ['\u001b[13;2u', 'shift-enter'],
  ])('decodes %j as %s', (sent, name) => {
    expect(names(sent).join(' ')).toBe(name);
  });

  test('decodes fast typing in one chunk as separate keys', () => {
    expect(names('jjj')).toEqual(['j', 'j', 'j']);
    expect(names('j\u001b[Bk\u001b[Aq')).toEqual(['j', 'down', 'k', 'up', 'q']);
  });

  test('sets text for printable keys only', () => {
    expect(decoded('a \u0001\u001b[A')).toEqual([
      {type: 'key', name: 'a', text: 'a'},
      {type: 'key', name: 'space', text: ' '},
      {type: 'key', name: 'ctrl-a', text: ''},
      {type: 'key', name: 'up', text: ''},
    ]);
  });

  test('decodes Esc and another key as two keys, in one piece or two', () => {
    expect(names('\u001b', 'j')).toEqual(['esc', 'j']);
    expect(names('\u001b/')).toEqual(['esc', '/']);
    expect(names('\u001b[')).toEqual(['esc', '[']);
    expect(names('\u001b', '\u001b[A')).toEqual(['esc', 'up']);
  });

  test('waits briefly after a lone Esc, longer in a partial sequence, not after a complete one', () => {
    const decoder = createInputDecoder();
    expect(decoder.push(bytes('\u001b'))).toEqual([]);
    expect(decoder.flushDelayMs).toBeLessThanOrEqual(50);
    expect(decoder.push(bytes('[1;'))).toEqual([]);
    expect(decoder.flushDelayMs).toBeGreaterThan(100);
    expect(decoder.push(bytes('5A'))).toEqual([{type: 'key', name: 'ctrl-up', text: ''}]);
    expect(decoder.flushDelayMs).toBe(0);
  });

  test('decodes a split character as one key', () => {
    const [first, ...rest] = bytes('漢');
    expect(decoded(Uint8Array.of(first ?? 0), Uint8Array.from(rest))).toEqual(decoded('漢'));
  });

  test('ignores replies of the terminal', () => {
    expect(
      names('\u001b[?1;2c', '\u001b]11;rgb:0/0/0\u0007', '\u001bP1$r0m\u001b\\', '\u001b[?2026;2$y'),
    ).toEqual([]);
  });

  test('drops only the sequence that another one interrupts', () => {
    expect(names('\u001b[12\u001b[A')).toEqual(['up']);
  });

  test.each([']', 'P', '_', '^', 'X'])('reads keys after Esc and %s, which begin no reply', (key) => {
    expect(names(`\u001b${key}jk\u001b`)).toEqual(['esc', key, 'j', 'k', 'esc']);
  });

  test('D13: ends a reply without end at the next Esc', () => {
    expect(names('\u001b]11;rgb', '\u001bj')).toEqual(['esc', 'j']);
    expect(names('\u001b]11;rgb', '\u001b', '\u001b', '\u001b')).toEqual(['esc', 'esc', 'esc']);
    expect(names('\u001b]11;rgb\u001b[A', '1')).toEqual(['up', '1']);
  });
});

describe('mouse', () => {
  test('decodes clicks and the wheel with 0-based positions, and ignores the rest', () => {
    expect(decoded('\u001b[<0;10;5M\u001b[<0;10;5m\u001b[<64;1;1M\u001b[<65;80;24M')).toEqual([
      {type: 'click', column: 9, row: 4},
      {type: 'wheel', by: -1, column: 0, row: 0},
      {type: 'wheel', by: 1, column: 79, row: 23},
    ]);
    expect(decoded('\u001b[<2;1;1M\u001b[<35;1;1M\u001b[<0;0;0M\u001b[<;;M')).toEqual([]);
    expect(names('\u001b[M !!j')).toEqual(['j']);
  });
});

describe('paste', () => {
  test('treats keys as text, and line ends as \\n', () => {
    expect(decoded('x\u001b[200~rm -rf\r/\u001b[Aq\u001b[201~y')).toEqual([
      {type: 'key', name: 'x', text: 'x'},
      {type: 'paste', text: 'rm -rf\n/\u001b[Aq'},
      {type: 'key', name: 'y', text: 'y'},
    ]);
  });

  test('emits an unterminated paste, then decodes keys again', () => {
    const decoder = createInputDecoder();
    expect(decoder.push(bytes('\u001b[200~half'))).toEqual([]);
    expect(decoder.flushDelayMs).toBeGreaterThan(0);
    expect(decoder.flush()).toEqual([{type: 'paste', text: 'half'}]);
    expect(decoder.push(bytes('q'))).toEqual([{type: 'key', name: 'q', text: 'q'}]);
  });

  test('emits a huge paste in pieces without loss', () => {
    const text = 'abc\n'.repeat(1_000_000);
    const events = decoded('\u001b[200~', text.slice(0, 3_000_000), `${text.slice(3_000_000)}\u001b[201~`);
    expect(events.map((event) => (event.type === 'paste' ? event.text : '?')).join('')).toBe(text);
  });
});

describe('any bytes', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[A',
        '\u001b[200~p\u001b[201~',
        '\u001b[<0;3;4M',
        'é',
        '漢',
        'j',
        '\r',
        '\u001bOP',
        '\u001b[15~',
      ),
      fc.string({maxLength: 3}).filter((text) => !text.includes('\u001b')),
    ),
    {maxLength: 20},
  );

  test('decode equally however they are split, except after a lone ESC', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(200)), (parts, cuts) => {
        const all = bytes(parts.join(''));
        const places = [...new Set(cuts)]
          .filter((at) => at < all.length && all[at - 1] !== 27)
          .sort((a, b) => a - b);
        const chunks = [...places, all.length].map((end, index) => all.subarray(places[index - 1] ?? 0, end));
        expect(decoded(...chunks)).toEqual(decoded(all));
      }),
      {numRuns: runs(2000)},
    );
  });

  test('never throw, and an incomplete rest is dropped at the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 300}), (noise) => {
        const decoder = createInputDecoder();
        decoder.push(noise);
        decoder.flush();
        expect(decoder.push(bytes('q')).at(-1)).toEqual({type: 'key', name: 'q', text: 'q'});
      }),
      {numRuns: runs(5000)},
    );
  });
});
