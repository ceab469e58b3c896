import {expect, test} from 'vitest';
import {pageOfRecords, sortedUids} from '../../../src/storage/record-page.js';

const uids = sortedUids(['c', 'a', 'Z', 'b', 'é']);
const read = async (uid: string) => ({uid, value: new Uint8Array(), revision: '1', expiresAt: 0});
const page = async (after: string, limit: number) => {
  const {records, next} = await pageOfRecords(uids, after, limit, read);
  return [records.map(({uid}) => uid), next];
};

test('pages continue after any uid, even a deleted one', async () => {
  expect(uids).toEqual(['Z', 'a', 'b', 'c', 'é']);
  expect(await page('', 2)).toEqual([['Z', 'a'], 'a']);
  expect(await page('a', 2)).toEqual([['b', 'c'], 'c']);
  expect(await page('bb', 2)).toEqual([['c', 'é'], '']);
  expect(await page('é', 2)).toEqual([[], '']);
});

test('a page of many uids costs as little as one of few', async () => {
  const many = sortedUids(Array.from({length: 300_000}, (_, at) => `u${at}`));
  let compared = 0;
  const counting = new Proxy(many, {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) compared += 1;
      return Reflect.get(target, key) as unknown;
    },
  });
  const {records} = await pageOfRecords(counting, many[150_000] ?? '', 10, read);
  expect(records[0]?.uid).toBe(many[150_001]);
  expect(compared).toBeLessThan(60);
});
