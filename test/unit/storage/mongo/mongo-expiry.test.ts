import {describe, expect, test} from 'vitest';
import {
  documentExpiresAt,
  expiryOfIndexes,
  expiryUpdate,
} from '../../../../src/storage/mongo/mongo-expiry.js';

const fields = {created: 'CreateAt', updated: 'UpdateAt'};
const index = (key: object, rest: object = {}) => ({v: 2, key, name: 'x', ...rest});
const primary = index({_id: 1});

describe('the expiry of a collection', () => {
  test.each([
    ['none without a TTL index', [primary, index({UpdateAt: 1})], {kind: 'none'}],
    [
      'that of the last write',
      [index({UpdateAt: -1}, {expireAfterSeconds: 60})],
      {kind: 'field', field: 'UpdateAt', afterMs: 60_000, canChange: true},
    ],
    [
      'the last write before others',
      [index({CreateAt: 1}, {expireAfterSeconds: 9}), index({UpdateAt: 1}, {expireAfterSeconds: 60})],
      {kind: 'field', field: 'UpdateAt', afterMs: 60_000, canChange: true},
    ],
    [
      'a date of its own',
      [index({ExpireAt: 1}, {expireAfterSeconds: 0})],
      {kind: 'field', field: 'ExpireAt', afterMs: 0, canChange: true},
    ],
    [
      'fixed at the creation',
      [index({CreateAt: 1}, {expireAfterSeconds: 9})],
      {kind: 'field', field: 'CreateAt', afterMs: 9000, canChange: false},
    ],
    [
      'unknown for some documents only',
      [index({UpdateAt: 1}, {expireAfterSeconds: 9, partialFilterExpression: {a: 1}})],
      {kind: 'unknown'},
    ],
  ])('is %s', (_, indexes, expiry) => expect(expiryOfIndexes(indexes, fields)).toEqual(expiry));

  test('a document without a date never expires', () => {
    const expiry = {kind: 'field', field: 'at', afterMs: 5, canChange: true} as const;
    expect(documentExpiresAt({at: new Date(10)}, expiry)).toBe(15);
    for (const at of [undefined, null, 'soon', 7, new Date(Number.NaN)])
      expect(documentExpiresAt({at}, expiry)).toBe(0);
    expect(documentExpiresAt({}, {kind: 'none'})).toBe(0);
    expect(documentExpiresAt({}, {kind: 'unknown'})).toBeUndefined();
  });

  test('a time to live is stored as a date minus the expiry of the index', () => {
    const expiry = {kind: 'field', field: 'at', afterMs: 1000, canChange: true} as const;
    expect(expiryUpdate(600, expiry, 5000)).toEqual({$set: {at: new Date(4600)}});
    expect(expiryUpdate(0, expiry, 5000)).toEqual({$unset: {at: ''}});
    expect(expiryUpdate(0, {kind: 'none'}, 5000)).toEqual({});
    expect(() => expiryUpdate(600, {kind: 'none'}, 5000)).toThrow('it has no TTL index');
  });
});
