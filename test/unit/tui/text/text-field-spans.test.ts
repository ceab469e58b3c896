import {expect, test} from 'vitest';
import {textFieldWithText} from '../../../../src/tui/model/text-field.js';
import type {DrawStyle} from '../../../../src/tui/text/line.js';
import {textFieldSpans} from '../../../../src/tui/text/text-field-spans.js';
import {themes} from '../../../../src/tui/text/theme.js';

const measure = (text: string): number => [...text].reduce((sum, one) => sum + (one > '\u2fff' ? 2 : 1), 0);
const style: DrawStyle = {measure, ascii: false, theme: themes.none};
const shown = (text: string, columns: number, cursor = [...text].length): string =>
  textFieldSpans({...textFieldWithText(text), cursor}, columns, style)
    .map((span) => (span.tone === 'cursor' ? `[${span.text}]` : span.text))
    .join('');

test.each([
  ['short', 10, 'short[ ]'],
  ['0123456789abcdef', 10, '…9abcdef[ ]'],
  ['用户用户用户', 10, '…户用户[ ]'],
])('of %s in %i columns, the end with the cursor is shown', (text, columns, end) => {
  expect(shown(text, columns)).toBe(end);
});

test('the cursor is shown wherever it is', () => {
  const text = 'x用'.repeat(50);
  for (let cursor = 0; cursor <= 100; cursor += 1) {
    const [before = ''] = shown(text, 20, cursor).split('[');
    expect(measure(before), String(cursor)).toBeLessThanOrEqual(18);
  }
});
