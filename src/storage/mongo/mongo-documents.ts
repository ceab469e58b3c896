import {Binary, type Document} from 'mongodb';
import type {RecordPage, StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import {decodeRecord, type RecordEncoding, revisionOfBytes} from '../record-encoding.js';
import {type CollectionExpiry, documentExpiresAt} from './mongo-expiry.js';
import {mongoIdText, uidOfId} from './mongo-ids.js';
import type {MongoFieldNames} from './mongo-url.js';

export interface DocumentOptions {
  readonly fields: MongoFieldNames;
  readonly encoding: RecordEncoding;
  readonly expiry: CollectionExpiry;
  /** True if the documents contain more than sessions. A document without a session is then not a record. */
  readonly isShared: boolean;
  readonly now: number;
}

/** Returns the projection with the fields to read. */
export function mongoProjection(fields: MongoFieldNames, expiry: CollectionExpiry): Document {
  const named = [fields.uid, fields.session, expiry.kind === 'field' ? expiry.field : undefined];
  return Object.fromEntries(['_id', ...named.filter((name) => name !== undefined)].map((name) => [name, 1]));
}

/** Separates documents into records and unread records. Leaves out expired ones. */
export function recordsOfDocuments(
  documents: readonly Document[],
  options: DocumentOptions,
): Omit<RecordPage, 'next'> {
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  for (const document of documents) {
    const expiresAt = documentExpiresAt(document, options.expiry);
    if (isExpired(expiresAt, options.now) || (options.isShared && isAbsent(document, options.fields)))
      continue;
    const uid = uidOfId(document[options.fields.uid]);
    const bytes = bytesOfBsonValue(document[options.fields.session]);
    if (uid === undefined || uid === '')
      unread.push(refused(mongoIdText(document['_id']), `its "${options.fields.uid}" is not a uid`));
    else if (bytes === undefined)
      unread.push(refused(uid, unreadableSessionReason(document, options.fields)));
    else {
      const decoded = decodedIn(document, bytes, options);
      if (decoded.fault !== undefined && bytes.length === 0) unread.push(refused(uid, decoded.fault));
      else records.push({uid, revision: revisionOfBytes(bytes), expiresAt, ...decoded});
    }
  }
  return {records, unread};
}

const isAbsent = (document: Document, {session}: MongoFieldNames): boolean =>
  document[session] === undefined || document[session] === null;

export const isExpired = (expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && expiresAt !== 0 && expiresAt <= now;

/** Returns the bytes of a binary or string value; undefined for other types. */
export function bytesOfBsonValue(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (!(value instanceof Binary)) return undefined;
  const {buffer, position} = value;
  return Buffer.from(buffer.buffer, buffer.byteOffset, position);
}

/** Returns why the session in a document can't be read. */
export function unreadableSessionReason(document: Document, {session}: MongoFieldNames): string {
  const value: unknown = document[session];
  if (value === undefined) return `the document lacks the field "${session}"`;
  const what =
    value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeName(value)}`;
  return `the field "${session}" contains ${what}, not bytes or text`;
}

const typeName = (value: unknown): string =>
  (value as {readonly _bsontype?: string})._bsontype ?? (value instanceof Date ? 'Date' : typeof value);

/**
 * Decodes the stored bytes. Text where protobuf is expected is a fault, because it usually means a wrong URL: hardly
 * any text parses as a protobuf session.
 */
function decodedIn(document: Document, bytes: Buffer, {fields, encoding}: DocumentOptions) {
  const isText = typeof document[fields.session] === 'string';
  if (!isText || encoding !== 'protobuf') return decodeRecord(bytes, encoding);
  const fault = `cannot decode it as protobuf: the field "${fields.session}" contains text; add encoding=base64, hex or json`;
  return {value: bytes, fault, stored: {encoding, bytes}};
}

const refused = (uid: string, message: string): UnreadRecord => ({uid, reason: 'refused', message});
