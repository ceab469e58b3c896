import {expect, test} from 'vitest';
import {closestMatch, didYouMean} from '../../../src/base/closest-match.js';

const known = ['uid', 'id', 'settings', 'network', 'Gate@a1', 'Gate@b7', 'json'];

test.each([
  ['uidd', 'uid'],
  ['setings', 'settings'],
  ['jsno', 'json'],
  ['gate@a1', 'Gate@a1'],
  ['Gate@a', 'Gate@a1'],
  ['x', undefined],
  ['colour', undefined],
  ['', undefined],
])('%s may be meant as %s', (word, expected) => expect(closestMatch(word, known)).toBe(expected));

test('appends the hint unchanged', () => {
  expect(didYouMean('jsno', known, 'choose')).toBe('did you mean json? choose');
  expect(didYouMean('zzzz', known, 'choose')).toBe('choose');
});
