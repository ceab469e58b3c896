import {expect, test} from 'vitest';
import {KeySample} from '../../../src/storage/key-sample.js';

test('a rare kind of keys is in the sample, whatever the order', () => {
  const sample = new KeySample();
  for (let at = 0; at < 5000; at += 1) sample.add(`cache:item:${at}`);
  for (let at = 0; at < 7; at += 1) sample.add(`sess:${at}:x`);
  const chosen = sample.choose(50);
  expect(chosen).toHaveLength(50);
  expect(chosen.filter((key) => key.startsWith('sess:'))).toHaveLength(7);
  expect(new Set(chosen).size).toBe(50);
});

test('keys without a pattern share one bounded group', () => {
  const sample = new KeySample();
  for (let at = 0; at < 5000; at += 1)
    sample.add(
      `k-${String.fromCharCode(97 + (at % 26))}${'x'.repeat(at % 11)}-${at % 13 === 0 ? 'b' : 'c'}:`,
    );
  expect(sample.choose(10_000).length).toBeLessThanOrEqual(1500);
});
