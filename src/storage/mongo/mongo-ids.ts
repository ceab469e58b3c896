import {BSON, Long, ObjectId} from 'mongodb';
import {UsageError} from '../../base/errors.js';

/** Returns the uid of an id; undefined for types that no uid has. */
export function uidOfId(id: unknown): string | undefined {
  if (typeof id === 'string') return id;
  if (id instanceof ObjectId) return id.toHexString();
  return typeof id === 'bigint' || Number.isSafeInteger(id) ? String(id) : undefined;
}

/** Returns the ids that `uidOfId` turns into a uid: a text, and what else reads the same. MongoDB compares numbers of all types. */
export function idsOfUid(uid: string): readonly unknown[] {
  checkUid(uid);
  const ids: unknown[] = [uid];
  if (/^[0-9a-f]{24}$/.test(uid)) ids.push(new ObjectId(uid));
  if (/^(?:0|-?[1-9]\d{0,18})$/.test(uid) && Long.fromString(uid).toString() === uid)
    ids.push(Long.fromString(uid));
  return ids;
}

/** Returns the id of a new document: in the given type, or in that of another document's id where the uid fits it. */
export function newId(uid: string, type: 'string' | 'objectid' | undefined, other: unknown): unknown {
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

/** Text of an id in messages, if it is not a uid. */
export const idText = (id: unknown): string =>
  `_id:${BSON.EJSON.stringify(id, {relaxed: true}).slice(0, 120)}`;

/** Types of ids in MongoDB's order of comparison, by the names that `$type` takes. */
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

/** A filter for documents after an id. `$gt` alone compares within one type only and would end the listing with it. */
export function afterId(id: unknown): BSON.Document {
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
