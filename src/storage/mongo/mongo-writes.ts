import {Binary, type Document} from 'mongodb';
import {DecodeError, UsageError} from '../../base/errors.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import {type CollectionExpiry, expiryUpdate} from './mongo-expiry.js';
import {newDocumentId} from './mongo-ids.js';
import type {MongoLayout} from './mongo-layout.js';
import type {MongoFieldNames, MongoStoreOptions} from './mongo-url.js';

/** A document that was read to change it. */
export interface DocumentToChange {
  readonly document: Document;
  /** Empty if the document has no session, or an expired one. */
  readonly revision: string;
  /** The stored bytes; undefined if the document has no session. */
  readonly bytes: Buffer | undefined;
}

export interface MongoWrite {
  readonly userId: string;
  /** The session as protobuf. */
  readonly value: Uint8Array;
  /** The bytes to store. */
  readonly bytes: Uint8Array;
  /** Time to live in milliseconds; undefined to keep the expiry. */
  readonly ttlMs: number | undefined;
  /** False if the last writer wins. */
  readonly isFenced: boolean;
  readonly layout: MongoLayout;
  readonly now: number;
}

type WriteOptions = Pick<MongoStoreOptions, 'fields' | 'encoding' | 'idType'>;

/** Returns a filter that matches a document only while it has the session that was read. */
export function filterForDocument({document}: DocumentToChange, {session}: MongoFieldNames): Document {
  const value: unknown = document[session];
  return {_id: document['_id'], [session]: value === undefined ? {$exists: false} : value};
}

/** Returns the document for a new record. `defaultTtlMs` is the default time to live. */
export function newDocument(
  write: MongoWrite,
  {fields, encoding, idType}: WriteOptions,
  defaultTtlMs: number | undefined,
): Document {
  const {layout, userId, now, ttlMs = defaultTtlMs ?? 0} = write;
  if (!layout.hasUniqueUid)
    throw new UsageError(`cannot create a record for "${userId}": "${fields.uid}" has no unique index`, {
      hint: `without it, two writers could create a record each; add it with createIndex({${JSON.stringify(fields.uid)}: 1}, {unique: true})`,
    });
  const document: Document = {
    [fields.uid]: newDocumentId(userId, idType, layout.someId),
    [fields.session]: storedValue(write.bytes, encoding === 'protobuf' || encoding === 'msgpack'),
  };
  for (const [name, text] of namedIn(write, fields)) document[name] = text;
  for (const name of [fields.created, fields.updated]) if (name !== undefined) document[name] = new Date(now);
  const {$set, $unset} = expiryUpdate(ttlMs, layout.expiry, now);
  Object.assign(document, $set);
  for (const name of Object.keys($unset ?? {})) delete document[name];
  return document;
}

/** Returns the update for a stored document. It adds no fields that the document lacks, except for an expiry. */
export function updateOfDocument(
  write: MongoWrite,
  {document, bytes, revision}: DocumentToChange,
  {fields, encoding}: WriteOptions,
  defaultTtlMs: number | undefined,
): Document {
  const {layout, now} = write;
  const isBinary =
    bytes === undefined
      ? encoding === 'protobuf' || encoding === 'msgpack'
      : typeof document[fields.session] !== 'string';
  const $set: Document = {[fields.session]: storedValue(write.bytes, isBinary)};
  for (const [name, text] of namedIn(write, fields)) if (Object.hasOwn(document, name)) $set[name] = text;
  const {updated} = fields;
  const isExpiryField = layout.expiry.kind === 'field' && layout.expiry.field === updated;
  if (updated !== undefined && Object.hasOwn(document, updated) && !isExpiryField)
    $set[updated] = new Date(now);
  const ttlMs = write.ttlMs ?? (revision === '' ? (defaultTtlMs ?? 0) : undefined);
  const expiring = ttlMs === undefined ? {} : expiryUpdate(ttlMs, layout.expiry, now);
  return {...expiring, $set: {...$set, ...expiring['$set']}};
}

/** Returns the fields that repeat values of the session; none if the bytes are not a session. */
function namedIn(
  {value}: MongoWrite,
  {serverId, sessionId}: MongoFieldNames,
): readonly (readonly [string, string])[] {
  try {
    const session = decodeSession(value);
    const named = [
      [serverId, session.serverId],
      [sessionId, session.sessionId],
    ] as const;
    return named.flatMap(([name, text]) => (name === undefined ? [] : [[name, text] as const]));
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

const storedValue = (bytes: Uint8Array, isBinary: boolean): unknown =>
  isBinary ? new Binary(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

/** Returns the names of fields that the store does not know. */
export function unknownFieldNames(
  document: Document,
  fields: MongoFieldNames,
  expiry: CollectionExpiry,
): readonly string[] {
  const known: readonly (string | undefined)[] = [
    '_id',
    ...Object.values(fields),
    expiry.kind === 'field' ? expiry.field : undefined,
  ];
  return Object.keys(document).filter((name) => !known.includes(name));
}
