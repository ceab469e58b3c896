import {expect, test} from 'vitest';
import {ProtobufWriter} from '../../../../src/session/codec/protobuf-writer.js';
import {decodeRecordPage, encodeRecordPage} from '../../../../src/session/codec/record-page.js';

const record = {uid: 'u1', value: Buffer.from('v'), revision: '7'};

/** A page as gates sent it before they said whether the expiry is known. */
function earlierPage(fields: (one: ProtobufWriter) => ProtobufWriter): Buffer {
  const one = fields(new ProtobufWriter().string(1, 'u1', 'uid')).finish();
  return new ProtobufWriter().bytesField(1, one).finish();
}

test.each([0, undefined, 1_770_000_000_000])('A7: encodes an expiry of %s distinctly', (expiresAt) => {
  const page = {records: [{...record, expiresAt}], next: ''};
  expect(decodeRecordPage(encodeRecordPage(page))).toEqual(page);
});

test('A7: an expiry that the gate does not report is unknown', () => {
  const page = decodeRecordPage(
    earlierPage((one) => one.bytesField(2, Buffer.from('v')).string(3, '7', 'r')),
  );
  expect(page.records).toEqual([{...record, expiresAt: undefined}]);
});

test('A2: keeps unreadable records apart from records', () => {
  const unread = [{uid: 'u2', reason: 'not-permitted', message: 'NOPERM'} as const];
  const page = {records: [{...record, expiresAt: 0}], unread, next: 'c'};
  expect(decodeRecordPage(encodeRecordPage(page))).toEqual(page);
});

test("A2: recognises an older gate's unread record by its fault; an empty value alone is a record", () => {
  const failed = decodeRecordPage(
    earlierPage((one) => one.bytesField(2, Buffer.alloc(0)).string(5, 'NOPERM', 'f')),
  );
  expect(failed).toEqual({
    records: [],
    unread: [{uid: 'u1', reason: 'refused', message: 'NOPERM'}],
    next: '',
  });
  const empty = decodeRecordPage(earlierPage((one) => one.bytesField(2, Buffer.alloc(0))));
  expect(empty.records).toEqual([{uid: 'u1', value: Buffer.alloc(0), revision: '', expiresAt: undefined}]);
});

test('A2, A3: includes bytes that the encoding rejected, and those of a document', () => {
  const stored = {encoding: 'json', bytes: Buffer.from('{')};
  const page = {records: [{...record, expiresAt: 0, fault: 'cannot decode it as json', stored}], next: ''};
  expect(decodeRecordPage(encodeRecordPage(page))).toEqual(page);
});
