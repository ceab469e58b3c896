import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {hasOnlyColours} from '../../../../../src/tui/term/fast-ink/control-characters.js';
import {lineWidth} from '../../../../../src/tui/term/fast-ink/line-width.js';
import {
  createMeasureText,
  createWidestLine,
  createWrapText,
} from '../../../../../src/tui/term/fast-ink/text-caches.js';

test('returns the widths of string-width', () => {
  let told = 0;
  for (let code = 0x20; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    for (const text of [character, `a${character}b`, `${character}${character}`, `${character}│漢`]) {
      const width = lineWidth(text);
      if (width === undefined) continue;
      told++;
      if (width !== stringWidth(text))
        expect.fail(`U+${code.toString(16)}: ${width}, not ${stringWidth(text)}`);
    }
  }
  expect(told).toBeGreaterThan(100_000);
});

test('ignores colours, and leaves other sequences to string-width', () => {
  expect(lineWidth('\u001b[1;38;2;1;2;3mab\u001b[0m')).toBe(2);
  expect(lineWidth('\u001b[2Jab')).toBeUndefined();
  expect(lineWidth('\u001b]8;;x\u0007ab')).toBeUndefined();
  expect(lineWidth('\u001b[31')).toBeUndefined();
});

test('skips sanitising for text with colours only', () => {
  expect(hasOnlyColours('a\n\u001b[31mb\u001b[39m')).toBe(true);
  for (const text of ['a\tb', 'a\rb', '\u001b[2J', '\u009b2J', '\u001b]0;x\u0007', 'a\u007f']) {
    expect(hasOnlyColours(text), JSON.stringify(text)).toBe(false);
  }
});

test('caches the last few thousand measured texts', () => {
  const asked: string[] = [];
  const measure = createMeasureText((text) => {
    asked.push(text);
    return text.length;
  });
  expect(measure('')).toEqual({width: 0, height: 0});
  expect(measure('a\nb')).toEqual({width: 3, height: 2});
  for (let index = 0; index < 50_000; index++) measure(`text ${index}`);
  expect(asked).toHaveLength(50_001);
  expect(measure('text 49999')).toEqual({width: 10, height: 1});
  expect(asked).toHaveLength(50_001);
  measure('a\nb');
  expect(asked.at(-1)).toBe('a\nb');
});

test('finds the widest line like widest-line', () => {
  const widest = createWidestLine(stringWidth);
  expect([widest('a\nabc\nab'), widest('漢字\n👩‍💻 x'), widest('')]).toEqual([3, 4, 0]);
});

test('wraps a text once per width and mode', () => {
  const asked: unknown[] = [];
  const wrap = createWrapText({
    wrap: (text, columns) => {
      asked.push([text, columns]);
      return `${columns}:${text}`;
    },
    truncate: (text, columns, position) => `${position}${columns}:${text}`,
  });
  expect([wrap('a b', 3, 'wrap'), wrap('a b', 3, 'wrap'), wrap('a b', 4, 'wrap')]).toEqual([
    '3:a b',
    '3:a b',
    '4:a b',
  ]);
  expect(asked).toEqual([
    ['a b', 3],
    ['a b', 4],
  ]);
  expect(wrap('x y', 2, 'truncate')).toBe('end2:x y');
  expect(wrap('x y', 2, 'truncate-middle')).toBe('middle2:x y');
  expect(wrap('x y', 2, 'hard')).toBe('x y');
});
