import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {safeJson, safeText} from '../../../../src/output/text/safe-text.js';
import {dangersIn, evilText} from '../../../support/evil.js';
import {runs} from '../../../support/tiers.js';

const anyText = fc.oneof(
  fc.string({unit: 'binary'}),
  fc.string({
    unit: fc.constantFrom('\\', 'n', 'u', '{', '}', '1', 'b', '\n', '\u001b', '\t', 'a', '\u202e', '一'),
  }),
);

describe('A01: remote text for a terminal', () => {
  test('contains no control character, tab or line end', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const safe = safeText(text);
        expect(dangersIn(safe)).toEqual([]);
        expect(safe).not.toMatch(/[\t\n]/);
      }),
      {numRuns: runs(10_000)},
    );
  });

  test('keeps different texts different', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        if (one !== other) expect(safeText(one)).not.toBe(safeText(other));
      }),
      {numRuns: runs(10_000)},
    );
  });

  test.each([
    ['plain', 'plain'],
    ['C:\\games', 'C:\\games'],
    ['用户 ü שלום', '用户 ü שלום'],
    ['a\u001b[31mb', 'a\\u{1b}[31mb'],
    ['one\ntwo\tthree', 'one\\ntwo\\tthree'],
    ['\\n', '\\\\n'],
    ['\u202egpj.exe', '\\u{202e}gpj.exe'],
    ['\ud800', '\\u{d800}'],
    ['👩‍🚀', '👩\\u{200d}🚀'],
  ])('%j reads %s', (text, safe) => expect(safeText(text)).toBe(safe));
});

describe('A06: JSON for a terminal', () => {
  test('parses to the same value, and contains no control character', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.oneof(anyText, fc.jsonValue())), (value) => {
        const text = safeJson(value, 2);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(dangersIn(text)).toEqual([]);
        expect(safeJson(value)).not.toContain('\n');
      }),
      {numRuns: runs(3000)},
    );
  });

  test('keeps the whole hostile text', () => {
    expect(JSON.parse(safeJson({evilText}))).toEqual({evilText});
  });
});
