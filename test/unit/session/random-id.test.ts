import {expect, test} from 'vitest';
import {randomId} from '../../../src/session/random-id.js';

test('creates unique ids of 16 hexadecimal digits', () => {
  const ids = Array.from({length: 5000}, randomId);
  expect(ids.filter((id) => !/^[0-9a-f]{16}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
