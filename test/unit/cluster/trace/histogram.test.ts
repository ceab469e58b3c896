import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Histogram} from '../../../../src/cluster/trace/histogram.js';
import {runs} from '../../../support/tiers.js';

test('quantiles are accurate to 1/64', () => {
  const values = fc.array(fc.oneof(fc.integer({min: 0, max: 200}), fc.integer({min: 0, max: 2 ** 31 - 1})), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(values, fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (some, part) => {
      const histogram = new Histogram();
      for (const value of some) histogram.add(value);
      const sorted = [...some].sort((a, b) => a - b);
      const truth = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
      expect(Math.abs((histogram.quantile(part) ?? -1) - truth)).toBeLessThanOrEqual(truth / 64);
      expect(histogram.max).toBe(sorted.at(-1));
      expect(histogram.count).toBe(some.length);
    }),
    {numRuns: runs(3000)},
  );
});

test('has no quantile without values', () => {
  expect(new Histogram().quantile(0.5)).toBeUndefined();
});
