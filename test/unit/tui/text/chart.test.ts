import {expect, test} from 'vitest';
import {axisLimits, axisNumberText} from '../../../../src/tui/text/axis-scale.js';
import {type Chart, type ChartPoint, chartLines} from '../../../../src/tui/text/chart.js';
import {type DrawStyle, type Line, widthOfLine} from '../../../../src/tui/text/line.js';
import {themes} from '../../../../src/tui/text/theme.js';

const style: DrawStyle = {theme: themes.none, measure: (text) => [...text].length, ascii: false};
const minute = 60_000;

const every2s = (valueAt: (at: number) => number, from = 0): readonly ChartPoint[] =>
  Array.from({length: (minute - from) / 2000 + 1}, (_, index) => {
    const at = from + index * 2000;
    return {at, value: valueAt(at)};
  });

const chart = (points: readonly ChartPoint[], more: Partial<Chart> = {}): Chart => ({
  ...{title: 'sessions', from: 0, to: minute},
  series: [{points, tone: 'accent', label: '42'}],
  ...more,
});

const textOf = (lines: readonly Line[]): readonly string[] =>
  lines.map(({spans}) => spans.map(({text}) => text).join(''));

test('draws a line over a scale and a time axis', () => {
  const rising = chart(every2s((at) => at / 600));
  expect(textOf(chartLines(rising, 27, 5, style))).toEqual([
    ' sessions                42',
    '  100 │             ⢀⣀⣠⠤⠖⠒⠋',
    '      │      ⢀⣀⣠⠴⠒⠚⠉⠉      ',
    '      │⣀⡤⠤⠖⠚⠉⠉             ',
    '    0 └1m───────────────now',
  ]);
});

test('no two labels of the scale have the same value', () => {
  const constant = textOf(chartLines(chart(every2s(() => 24)), 27, 9, style));
  expect(constant.flatMap((text) => /^ *(\d+) [│└]/.exec(text)?.[1] ?? [])).toEqual(['25', '24']);
  const wide = textOf(chartLines(chart(every2s((at) => at / 600)), 27, 9, style));
  expect(wide.flatMap((text) => /^ *(\d+) [│└]/.exec(text)?.[1] ?? [])).toEqual(['100', '50', '0']);
});

test('no line is wider than the chart, at any size, also in ASCII', () => {
  for (const ascii of [true, false])
    for (const [width, height] of [
      [10, 3],
      [27, 4],
      [60, 12],
      [200, 40],
    ] as const) {
      const lines = chartLines(chart(every2s((at) => Math.sin(at))), width, height, {...style, ascii});
      expect(lines).toHaveLength(height);
      for (const line of lines) expect(widthOfLine(line, style)).toBeLessThanOrEqual(Math.max(width, 12));
      const text = textOf(lines).join('');
      if (ascii) expect(/^[\x20-\x7e]*$/.test(text), text).toBe(true);
    }
});

test('the line has a gap while the gate does not answer', () => {
  const some = every2s(() => 5).filter(({at}) => at < 20_000 || at > 40_000);
  const [, ...rows] = textOf(chartLines(chart(some, {}), 67, 4, style));
  const plot = rows.slice(0, 2).map((row) => row.slice(7));
  const middle = plot.map((row) => row.slice(24, 36)).join('');
  expect(middle.trim()).toBe('');
  expect(plot.join('').trim()).not.toBe('');
});

test('two lines differ without colours, and the first decides the tone where they meet', () => {
  const points = every2s(() => 3);
  const both = chart(points, {
    series: [
      {points, tone: 'accent', label: 'in 3'},
      {points: every2s(() => 0), tone: 'good', label: 'out 0'},
    ],
  });
  const [title, ...lines] = chartLines(both, 40, 6, style);
  expect(title && textOf([title])[0]).toContain('⠒⠒ in 3  ⠂⠂ out 0');
  const tones = new Set(lines.flatMap(({spans}) => spans.map(({tone}) => tone)));
  expect(tones).toContain('accent');
  expect(tones).toContain('good');
  const ofSecond = lines
    .flatMap(({spans}) => spans.filter(({tone}) => tone === 'good'))
    .map(({text}) => text);
  expect(ofSecond.join('')).toMatch(/^⡀+$/); // every other dot
});

test.each([
  [[], undefined],
  [[0, 0], {base: 0, top: 1}],
  [[0, 7], {base: 0, top: 10}],
  [[1204], {base: 1200, top: 1250}],
  [[3, 3], {base: 3, top: 4}],
  [[99_000, 101_000], {base: 95_000, top: 105_000}],
] as const)('the scale of %j', (values, scale) => {
  expect(axisLimits(values)).toEqual(scale);
});

test.each([
  [0, '0'],
  [0.25, '0.25'],
  [1200, '1 200'],
  [12_500, '12.5k'],
  [300_000, '300k'],
  [2_500_000, '2.5M'],
])('an axis shows %d as %s', (value, text) => {
  expect(axisNumberText(value).replaceAll(/\s/g, ' ')).toBe(text);
});
