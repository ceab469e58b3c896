import {createHash} from 'node:crypto';
import type {StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import {decodeRecord, type RecordEncoding} from '../record-encoding.js';
import {refusalIn} from './redis-mode.js';

export interface WantedKey {
  readonly uid: string;
  readonly key: Buffer;
}

type Answer = readonly [error: Error | null, result: unknown];

export interface AnswerOptions {
  readonly encoding: RecordEncoding;
  /** Unix milliseconds, of the question. */
  readonly readAt: number;
  /** The store's URL for messages. */
  readonly shown: string;
}

/** Sorts the answers to a GET and a PTTL of each key: a key that has gone is neither read nor unread. */
export function recordsIn(
  wanted: readonly WantedKey[],
  answers: readonly Answer[],
  options: AnswerOptions,
): {readonly records: readonly StoredRecord[]; readonly unread: readonly UnreadRecord[]} {
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  for (const [at, {uid}] of wanted.entries()) {
    const [error, value] = answers[at * 2] ?? [new Error('no answer'), undefined];
    if (error !== null) unread.push(unreadRecord(uid, error, options));
    else if (Buffer.isBuffer(value) && !isGone(answers[at * 2 + 1])) {
      const {encoding, readAt} = options;
      const decoded = decodeRecord(value, encoding);
      const expiresAt = expiryOf(answers[at * 2 + 1], readAt);
      if (decoded.fault !== undefined && value.length === 0)
        unread.push({uid, reason: 'refused', message: decoded.fault});
      else records.push({uid, revision: revisionOf(value), expiresAt, ...decoded});
    }
  }
  return {records, unread};
}

/** Two equal values are one version. */
export const revisionOf = (value: Buffer): string => createHash('sha1').update(value).digest('hex');

function unreadRecord(uid: string, {message}: Error, {shown}: AnswerOptions): UnreadRecord {
  if (/^WRONGTYPE\b/.test(message))
    return {uid, reason: 'refused', message: 'the key holds another type than a string (WRONGTYPE)'};
  const reason = /^NOPERM\b/.test(message) ? 'not-permitted' : 'refused';
  const refusal = refusalIn(message, shown);
  return {uid, reason, message: refusal === undefined ? message : `${message}: ${refusal.message}`};
}

/** PTTL's answer for a key that ended after its GET. */
const isGone = (ttl: Answer | undefined): boolean => ttl?.[1] === -2;

/** Undefined where PTTL was refused: GET and PTTL may be permitted apart. */
function expiryOf(answer: Answer | undefined, readAt: number): number | undefined {
  const [error, ttl] = answer ?? [];
  if (error !== null || typeof ttl !== 'number') return undefined;
  return ttl < 0 ? 0 : readAt + Math.max(1, ttl);
}
