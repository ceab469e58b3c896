import {BSON, Long, ObjectId} from 'mongodb';
import {UsageError} from '../../base/errors.js';

/** Returns the uid for an id; undefined if the id has a type that uids don't have. */
export function uidOfId(id: unknown): string | undefined {
  if (typeof id === 'string') return id;
  if (id instanceof ObjectId) return id.toHexString();
  return typeof id === 'bigint' || Number.isSafeInteger(id) ? String(id) : undefined;
}

/**
 * Returns all ids that `uidOfId` converts to this uid: the string, and an ObjectId or number if it looks like one.
 * MongoDB treats equal numbers of different types as equal.
 */
export function idsOfUid(uid: string): readonly unknown[] {
  checkUid(uid);
  const ids: unknown[] = [uid];
  if (/^[0-9a-f]{24}$/.test(uid)) ids.push(new ObjectId(uid));
  if (/^(?:0|-?[1-9]\d{0,18})$/.test(uid) && Long.fromString(uid).toString() === uid)
    ids.push(Long.fromString(uid));
  return ids;
}

/** Returns the id for a new document: in the given type, or in the type of another document's id if possible. */
export function newDocumentId(uid: string, type: 'string' | 'objectid' | undefined, other: unknown): unknown {
  const [text, id] = idsOfUid(uid);
  if (type === 'objectid' && !(id instanceof ObjectId))
    throw new UsageError(`invalid uid "${uid}": expected an ObjectId`, {
      hint: 'an ObjectId is 24 digits in lower-case hex',
    });
  if (type !== undefined || other === undefined) return type === 'objectid' ? id : text;
  const isSame =
    other instanceof ObjectId ? id instanceof ObjectId : typeof other !== 'string' && id instanceof Long;
  return isSame ? id : text;
}

function checkUid(uid: string): void {
  if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
}

/** Formats an id that is not a uid, for messages. */
export const mongoIdText = (id: unknown): string =>
  `_id:${BSON.EJSON.stringify(id, {relaxed: true}).slice(0, 120)}`;

/** Types of ids in MongoDB's sort order, with the names that `$type` accepts. */
const typeOrder = [
  'null',
  'number',
  'string',
  'object',
  'binData',
  'objectId',
  'bool',
  'date',
  'timestamp',
] as const;

/**
 * Returns a filter for the documents after an id. `$gt` alone compares only within one type, and would end the
 * listing with it.
 */
export function filterAfterId(id: unknown): BSON.Document {
  const later = typeOrder.slice(typeOrder.indexOf(typeNameOf(id)) + 1);
  return {$or: [{_id: {$gt: id}}, {_id: {$type: later}}]};
}

function typeNameOf(id: unknown): (typeof typeOrder)[number] {
  if (id === null || id === undefined) return 'null';
  if (typeof id === 'string') return 'string';
  if (typeof id === 'number' || typeof id === 'bigint') return 'number';
  if (typeof id === 'boolean') return 'bool';
  if (id instanceof Date) return 'date';
  const types = {
    ObjectId: 'objectId',
    Binary: 'binData',
    Timestamp: 'timestamp',
    Long: 'number',
    Double: 'number',
    Int32: 'number',
    Decimal128: 'number',
  } as const;
  const {_bsontype: name} = id as {readonly _bsontype?: string};
  return types[name as keyof typeof types] ?? 'object';
}
