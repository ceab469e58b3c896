import type {StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import type {LocatedRecord} from '../records/record-access.js';

/** Start of a record's line. A session's line starts with its id. */
export const recordLinePrefix = '{"record":';

/**
 * Converts a record to a line of a snapshot, with bytes as base64. `expiresAt` is null if unknown, and 0 if the
 * record never expires.
 */
export function recordToLine(record: LocatedRecord) {
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

/** Parses a record's line. Returns the record and the gate it was read through; undefined if the line is invalid. */
export function parseRecordLine(
  value: unknown,
): {readonly node: string; readonly record: StoredRecord} | undefined {
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

/** Returns the expiry; undefined if unknown. Older snapshots have 0 for both "never" and "unknown". */
function expiryOf({expiresAt, expiresKnown}: Readonly<Record<string, unknown>>): number | undefined {
  if (!Number.isSafeInteger(expiresAt) || (expiresAt === 0 && expiresKnown !== true)) return undefined;
  return Number(expiresAt);
}

/**
 * Returns the record as unread if it could not be read when saved: older snapshots store such a record without a
 * value.
 */
export const unreadRecordsIn = ({uid, value, fault}: StoredRecord): readonly UnreadRecord[] =>
  fault !== undefined && value.length === 0 ? [{uid, reason: 'refused', message: fault}] : [];
