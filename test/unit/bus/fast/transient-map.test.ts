import fc from 'fast-check';
import {expect, test} from 'vitest';
import {TransientMap} from '../../../../src/bus/fast/transient-map.js';

const keys = fc.oneof(fc.nat(5000), fc.integer({min: 2 ** 31 - 2, max: 2 ** 40}), fc.string({maxLength: 4}));
const edits = fc.array(fc.record({key: keys, value: fc.nat(), deletes: fc.boolean()}), {maxLength: 200});

test('gives the answers of a Map', () => {
  fc.assert(
    fc.property(edits, (some) => {
      const map = new Map<string | number, number>();
      const transient = new TransientMap<string | number, number>();
      for (const {key, value, deletes} of some) {
        if (deletes) expect(transient.delete(key)).toBe(map.delete(key));
        else {
          map.set(key, value);
          transient.set(key, value);
        }
        expect(transient.get(key)).toBe(map.get(key));
        expect(transient.size).toBe(map.size);
      }
      for (const [key, value] of map) expect(transient.get(key)).toBe(value);
      expect(transient.values().sort()).toEqual([...map.values()].sort());
    }),
  );
});

test('grows, and keeps entries of one slot apart', () => {
  const transient = new TransientMap<number, number>();
  const keys = Array.from({length: 3000}, (_, at) => at * 1024);
  for (const key of keys) transient.set(key, key);
  const deleted = keys.filter((_, at) => at % 3 === 0);
  expect(deleted.map((key) => transient.delete(key))).not.toContain(false);
  expect(keys.map((key) => transient.get(key))).toEqual(
    keys.map((key, at) => (at % 3 === 0 ? undefined : key)),
  );
});
