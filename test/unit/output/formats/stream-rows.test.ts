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

test('columns stand below each other, also where a character takes two columns', () => {
  const line = streamRowFormatter('table', sheet, [8, 0]);
  expect(streamHeader('table', sheet, [8, 0])).toBe('UID       GATE\n');
  expect(line(['u42', 'Gate@a'])).toBe('u42       Gate@a\n');
  expect(line(['用户甲', 'Gate@a'])).toBe('用户甲    Gate@a\n');
});

test('a column that may be cut shows that it was; an escape is never cut in two', () => {
  const line = streamRowFormatter('table', sheet, [8, 0], ['UID']);
  expect(line(['5f008e4b69780dc3', 'Gate@a'])).toBe('5f008e4…  Gate@a\n');
  expect(line(['abcd\u001b[2J', 'Gate@a'])).toBe('abcd…     Gate@a\n');
  expect(streamRowFormatter('tsv', sheet, [8, 0], ['UID'])(['5f008e4b69780dc3', 'Gate@a'])).toBe(
    '5f008e4b69780dc3\tGate@a\n',
  );
});
