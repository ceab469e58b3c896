import type {StoredRecord} from '../../session/gate-api.js';
import type {LocatedRecord} from '../cluster.js';

/** How a line with a record begins; those of sessions begin with their id. */
export const recordStart = '{"record":';

/** A record as a line of a snapshot: its bytes as they are stored, in base64. */
export function recordLine({node, uid, value, revision, expiresAt, fault}: LocatedRecord) {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  return {
    record: {uid, gate: node, value: bytes, revision, expiresAt, ...(fault === undefined ? {} : {fault})},
  };
}

/** The record of a line, and the gate that it was read through; undefined for what is none. */
export function recordOf(value: unknown): {readonly node: string; readonly record: StoredRecord} | undefined {
  const line = (value as {readonly record?: unknown} | null)?.record;
  if (typeof line !== 'object' || line === null) return undefined;
  const {uid, gate, value: bytes, revision, expiresAt, fault} = line as Readonly<Record<string, unknown>>;
  if (typeof uid !== 'string' || typeof gate !== 'string' || typeof bytes !== 'string') return undefined;
  const record = {
    uid,
    value: Buffer.from(bytes, 'base64'),
    revision: typeof revision === 'string' ? revision : '',
    expiresAt: Number.isSafeInteger(expiresAt) ? Number(expiresAt) : 0,
    ...(typeof fault === 'string' && {fault}),
  };
  return {node: gate, record};
}
