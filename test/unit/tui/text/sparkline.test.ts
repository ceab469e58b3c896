import {expect, test} from 'vitest';
import {sparkline} from '../../../../src/tui/text/sparkline.js';

test.each([
  ['all zero', [0, 0, 0, 0], '▁▁▁▁'],
  ['the same, however large', [200, 200, 200, 200], '▁▁▁▁'],
  ['almost the same', [199, 200, 201, 200], '▁▂▂▂'],
  ['up and down', [0, 5, 10, 5], '▁▅█▅'],
  ['a fall to nothing', [80, 80, 0, 0], '██▁▁'],
  ['a rise on a high level', [50, 50, 100, 100], '▁▁██'],
  ['shorter than its room', [1, 2], '  ▁█'],
  ['nothing known yet', [], '    '],
])('%s', (_, values, drawn) => {
  expect(sparkline(values, 4, false)).toBe(drawn);
});

test('shows the last values only, as letters without block characters', () => {
  expect(sparkline([100, 0, 5, 10], 3, true)).toBe('_=#');
});
