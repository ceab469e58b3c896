import {describe, expect, test} from 'vitest';
import {documentLines} from '../../../../src/tui/documents/document-lines.js';
import {hexDump} from '../../../../src/tui/documents/hex-dump.js';
import {indentedJson} from '../../../../src/tui/documents/indented-json.js';
import {valueDocument} from '../../../../src/tui/documents/make-document.js';
import {dangersIn, evilText} from '../../../support/evil.js';

describe('indented JSON', () => {
  test('changes only white space: numbers keep their digits, and repeated members stay', () => {
    const text = '{"id":12345678901234567890,"a":[1.0,{}, [ ],"x, {y}\\"z"],"a":{"b":null}}';
    expect(indentedJson(text)).toBe(
      [
        '{',
        '  "id": 12345678901234567890,',
        '  "a": [',
        '    1.0,',
        '    {},',
        '    [],',
        '    "x, {y}\\"z"',
        '  ],',
        '  "a": {',
        '    "b": null',
        '  }',
        '}',
      ].join('\n'),
    );
  });
});

describe('a value', () => {
  test.each(['{"a":1}', ' [1, 2] ', '{}'])(
    '%s is shown as JSON first, then as it is, then as bytes',
    (value) => {
      const names = valueDocument({title: 't', value}).views.map(({name}) => name);
      expect(names).toEqual(['JSON', 'text', 'hex']);
    },
  );

  test.each(['plain', '{broken', '12', '"text"', ''])('%j is shown as it is', (value) => {
    expect(valueDocument({title: 't', value}).views.map(({name}) => name)).toEqual(['text', 'hex']);
  });

  test('shows a different value of the record beside the live value', () => {
    const {views} = valueDocument({title: 't', value: 'a', other: {name: 'record', value: '{"b":1}'}});
    expect(views.map(({name}) => name)).toEqual(['text', 'record', 'hex']);
    expect(views[1]?.text).toBe('{\n  "b": 1\n}');
  });
});

describe('the lines of a document', () => {
  const view = (text: string, name: 'text' | 'JSON' = 'text') => ({name, text, isSafe: false}) as const;

  test.each([20, 40, 78])('hold everything, safe and no wider than %i columns', (columns) => {
    const long = `${'word '.repeat(50)}${'x'.repeat(200)}${evilText}${'界'.repeat(60)}`;
    const lines = documentLines(view(long), columns);
    expect(dangersIn(lines.join(''))).toEqual([]);
    for (const line of lines)
      expect([...line].reduce((sum, one) => sum + (one > '~' ? 2 : 1), 0)).toBeLessThanOrEqual(columns);
    expect(lines.join('')).toContain('word word');
    expect(lines.join('').replaceAll(/[^界]/g, '')).toHaveLength(60);
    expect(lines.join('').match(/x/g)?.length).toBeGreaterThanOrEqual(200);
  });

  test('never split an escape sequence', () => {
    const lines = documentLines(view('\u001b'.repeat(50)), 13);
    expect(new Set(lines)).toEqual(new Set(['\\u{1b}\\u{1b}']));
  });

  test('keep the escapes of JSON as they are', () => {
    expect(documentLines(view('{"a":"x\\ny\\u0000"}', 'JSON'), 60)).toEqual(['{"a":"x\\ny\\u0000"}']);
  });

  test('are built in linear time', () => {
    const started = performance.now();
    expect(documentLines(view('y'.repeat(1_000_000)), 80)).toHaveLength(12_500);
    expect(documentLines(view('é'.repeat(200_000)), 80)).toHaveLength(5000);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

test('a hex dump has offsets, bytes and ASCII, and reports omitted bytes', () => {
  expect(hexDump(Buffer.from('hello, wide world\u0000\u007f'))).toBe(
    [
      '00000000  68 65 6c 6c 6f 2c 20 77  69 64 65 20 77 6f 72 6c  |hello, wide worl|',
      '00000010  64 00 7f                                          |d..|',
    ].join('\n'),
  );
  expect(hexDump(new Uint8Array())).toBe('(empty)');
  expect(hexDump(new Uint8Array(70_000)).split('\n').at(-1)).toContain('4 464 more bytes');
});
