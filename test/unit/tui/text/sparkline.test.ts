import {expect, test} from 'vitest';
import {sparkline} from '../../../../src/tui/text/sparkline.js';

const points = (...values: readonly number[]) => values.map((value, at) => ({at: at * 1000, value}));
const drawn = (some: ReturnType<typeof points>, most: number, ascii = false) =>
  sparkline(some, 4, {from: 0, to: 3999, most}, ascii);

test.each([
  ['all zero', [0, 0, 0, 0], 10, '▁▁▁▁'],
  ['a low value is seen beside zero', [0, 0.1, 0, 10], 10, '▁▂▁█'],
  ['up and down on the scale of the column', [0, 5, 10, 5], 20, '▁▃▅▃'],
  ['nothing known yet', [], 0, '    '],
])('%s', (_, values, most, text) => {
  expect(drawn(points(...values), most)).toBe(text);
});

test('a bar is the mean of its interval, and an interval without a point repeats the previous one', () => {
  const some = [
    {at: 0, value: 2},
    {at: 500, value: 6},
    {at: 3500, value: 8},
  ];
  expect(drawn(some, 8)).toBe('▅▅▅█');
});

test('a long silence leaves a blank', () => {
  const some = [
    {at: 0, value: 8},
    {at: 39_000, value: 8},
  ];
  expect(sparkline(some, 4, {from: 0, to: 40_000, most: 8}, false)).toBe('██ █'); // 10 s are still repeated
});

test('points outside the time range are ignored, and ASCII replaces block characters', () => {
  expect(drawn([{at: -1, value: 9}, ...points(100, 0, 5, 10)], 100, true)).toBe('#_..');
});
