import {expect, test} from 'vitest';
import type {Presenter} from '../../../../src/output/formats/presenter.js';
import {streamHeader, streamRowFormatter} from '../../../../src/output/formats/stream-rows.js';

const sheet: Presenter<readonly [string, string]> = {
  columns: [
    {header: 'UID', cell: ([uid]) => uid},
    {header: 'GATE', cell: ([, gate]) => gate},
  ],
  record: ([uid, gate]) => ({uid, gate}),
  id: ([uid]) => uid,
};

test('aligns columns, including wide characters', () => {
  const line = streamRowFormatter('table', sheet, [8, 0]);
  expect(streamHeader('table', sheet, [8, 0])).toBe('UID       GATE\n');
  expect(line(['u42', 'Gate@a'])).toBe('u42       Gate@a\n');
  expect(line(['用户甲', 'Gate@a'])).toBe('用户甲    Gate@a\n');
});

test('keeps a cell longer than its column whole', () => {
  const line = streamRowFormatter('table', sheet, [8, 0]);
  expect(line(['5f008e4b69780dc3', 'Gate@a'])).toBe('5f008e4b69780dc3  Gate@a\n');
});
