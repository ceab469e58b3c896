import stringWidth from 'string-width';
import {expect, test, vi} from 'vitest';
import {truncateToWidth} from '../../../../src/output/terminal/text-width.js';

test.each([
  ['short', 5, 'short'],
  ['too long', 5, 'too …'],
  ['漢字漢字', 5, '漢字…'],
  ['漢字漢字', 8, '漢字漢字'],
  ['ab\\u{1b}cd', 6, 'ab…'],
  ['ab\\u{1b}cd', 9, 'ab\\u{1b}…'],
  ['', 3, ''],
])('fits %j into %i columns as %j', (text, columns, cut) => {
  expect(truncateToWidth(text, columns, stringWidth)).toBe(cut);
});

test('cuts plain ASCII without measuring', () => {
  const measure = vi.fn(stringWidth);
  expect(truncateToWidth('a long text of nothing but ASCII', 10, measure)).toBe('a long te…');
  expect(measure).not.toHaveBeenCalled();
});
