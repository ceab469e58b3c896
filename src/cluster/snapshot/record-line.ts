import type {StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import type {LocatedRecord} from '../records/records.js';

/** Prefix of a record's line. A session's line starts with its id. */
export const recordStart = '{"record":';

/** A record as a line of a snapshot, with base64 bytes. `expiresAt` is null if unknown and 0 for never. */
export function recordLine(record: LocatedRecord) {
  const {node, uid, value, revision, expiresAt, fault, stored} = record;
  const expiry = {expiresAt: expiresAt ?? null, expiresKnown: expiresAt !== undefined};
  return {
    record: {
      ...{uid, gate: node, value: base64(value), revision, ...expiry},
      ...(fault === undefined ? {} : {fault}),
      ...(stored === undefined ? {} : {stored: base64(stored.bytes), encoding: stored.encoding}),
    },
  };
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

/** Parses the record of a line, and the gate that it was read through; undefined if it is invalid. */
export function recordOf(value: unknown): {readonly node: string; readonly record: StoredRecord} | undefined {
  const line = (value as {readonly record?: unknown} | null)?.record;
  if (typeof line !== 'object' || line === null) return undefined;
  const fields = line as Readonly<Record<string, unknown>>;
  const {uid, gate, value: bytes, revision, fault, stored, encoding} = fields;
  if (typeof uid !== 'string' || typeof gate !== 'string' || typeof bytes !== 'string') return undefined;
  const record = {
    uid,
    value: Buffer.from(bytes, 'base64'),
    revision: typeof revision === 'string' ? revision : '',
    expiresAt: expiryOf(fields),
    ...(typeof fault === 'string' && {fault}),
    ...(typeof stored === 'string' &&
      typeof encoding === 'string' && {stored: {encoding, bytes: Buffer.from(stored, 'base64')}}),
  };
  return {node: gate, record};
}

/** Older snapshots have 0 both for "never" and for an unknown expiry. */
function expiryOf({expiresAt, expiresKnown}: Readonly<Record<string, unknown>>): number | undefined {
  if (!Number.isSafeInteger(expiresAt) || (expiresAt === 0 && expiresKnown !== true)) return undefined;
  return Number(expiresAt);
}

/** Older snapshots store an unread record as one without a value. */
export const unreadIn = ({uid, value, fault}: StoredRecord): readonly UnreadRecord[] =>
  fault !== undefined && value.length === 0 ? [{uid, reason: 'refused', message: fault}] : [];
