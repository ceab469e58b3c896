import type {CallFailureReason} from '../../base/errors.js';
import type {ForeignValue, RecordPage, StoredRecord, UnreadRecord} from '../gate-api.js';
import {type ProtobufReader, WireType} from './protobuf-reader.js';
import {ProtobufWriter} from './protobuf-writer.js';
import {readPageMessage} from './session-page.js';

/** Field numbers of `Record` in docs/reference/protocol.md. */
const Field = {
  uid: 1,
  value: 2,
  revision: 3,
  expiresAt: 4,
  fault: 5,
  expiresKnown: 6,
  unread: 7,
  stored: 8,
  encoding: 9,
} as const;

/** Encodes a `RecordPage`: records, then unread records, then the cursor. */
export function encodeRecordPage({records, unread = [], next}: RecordPage): Buffer {
  const page = new ProtobufWriter(4096);
  const one = new ProtobufWriter(1024);
  for (const record of records) page.bytesField(1, writeRecord(one.reset(), record).finish());
  for (const {uid, reason, message} of unread) {
    one.reset().string(Field.uid, uid, 'uid').string(Field.fault, message, 'fault');
    page.bytesField(1, one.string(Field.unread, reason, 'unread').finish());
  }
  return page.string(2, next, 'next').finish();
}

function writeRecord(writer: ProtobufWriter, record: StoredRecord): ProtobufWriter {
  const {uid, value, revision, expiresAt, fault = '', stored} = record;
  writer
    .string(Field.uid, uid, 'uid')
    .bytesField(Field.value, value)
    .string(Field.revision, revision, 'revision')
    .number(Field.expiresAt, expiresAt ?? 0)
    .string(Field.fault, fault, 'fault')
    .number(Field.expiresKnown, expiresAt === undefined ? 0 : 1);
  if (stored === undefined) return writer;
  return writer.bytesField(Field.stored, stored.bytes).string(Field.encoding, stored.encoding, 'encoding');
}

/** Decodes a `RecordPage`. Throws DecodeError. */
export function decodeRecordPage(bytes: Uint8Array): RecordPage {
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  const next = readPageMessage(bytes, (reader) => {
    const fields = readFields(reader);
    if (fields.unread === '') records.push(recordOf(fields));
    else unread.push({uid: fields.uid, reason: reasonOf(fields.unread), message: fields.fault});
  });
  return unread.length === 0 ? {records, next} : {records, unread, next};
}

interface Fields {
  readonly uid: string;
  readonly value: Uint8Array;
  readonly revision: string;
  readonly expiresAt: number | undefined;
  readonly fault: string;
  /** Why the record could not be read; empty if it could. */
  readonly unread: string;
  readonly stored: ForeignValue | undefined;
}

function recordOf({uid, value, revision, expiresAt, fault, stored}: Fields): StoredRecord {
  const record = {uid, value, revision, expiresAt};
  return {...record, ...(fault !== '' && {fault}), ...(stored !== undefined && {stored})};
}

function readFields(reader: ProtobufReader): Fields {
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  let value = new Uint8Array(0) as Uint8Array;
  let bytes: Uint8Array | undefined;
  while (reader.next()) {
    const {field, wireType} = reader;
    const name = textFields.get(field);
    if (wireType === WireType.varint) numbers.set(field, reader.varint());
    else if (wireType !== WireType.bytes) reader.skip();
    else if (name !== undefined) texts.set(field, reader.string(name));
    else if (field === Field.value) value = Buffer.from(reader.view());
    else if (field === Field.stored) bytes = Buffer.from(reader.view());
    else reader.skip();
  }
  const text = (field: number): string => texts.get(field) ?? '';
  const fault = text(Field.fault);
  return {
    uid: text(Field.uid),
    value,
    revision: text(Field.revision),
    expiresAt: expiryOf(numbers),
    fault,
    // gates that lack `unread` send such a record as a fault without a value
    unread: text(Field.unread) || (fault !== '' && value.length === 0 ? 'refused' : ''),
    stored: bytes && {encoding: text(Field.encoding), bytes},
  };
}

const textFields: ReadonlyMap<number, string> = new Map(
  (['uid', 'revision', 'fault', 'unread', 'encoding'] as const).map((name) => [Field[name], name]),
);

/** Returns the expiry; undefined if unknown. 0 means "never" only if the gate also set `expiresKnown`. */
function expiryOf(numbers: ReadonlyMap<number, number>): number | undefined {
  const expiresAt = numbers.get(Field.expiresAt) ?? 0;
  return expiresAt !== 0 || numbers.get(Field.expiresKnown) === 1 ? expiresAt : undefined;
}

const reasons: Readonly<Record<CallFailureReason, true>> = {
  timeout: true,
  'no-responders': true,
  refused: true,
  unsupported: true,
  'bad-reply': true,
  'too-large': true,
  'not-permitted': true,
  disconnected: true,
  'duplicate-id': true,
};

const isReason = (text: string): text is CallFailureReason => Object.hasOwn(reasons, text);

const reasonOf = (text: string): CallFailureReason => (isReason(text) ? text : 'refused');
