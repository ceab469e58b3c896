import {createHash} from 'node:crypto';
import type {StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import {decodeRecord, type RecordEncoding} from '../record-encoding.js';
import {refusalIn} from './redis-mode.js';

export interface WantedKey {
  readonly uid: string;
  readonly key: Buffer;
}

type Answer = readonly [error: Error | null, result: unknown];

interface AnswerOptions {
  readonly encoding: RecordEncoding;
  /** Time of the request in Unix milliseconds. */
  readonly readAt: number;
  /** The store's URL, masked, for messages. */
  readonly shown: string;
}

/** Sorts the replies to GET and PTTL of each key into read and unread records; deleted keys are in neither. */
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

/** Equal values have equal revisions. */
export const revisionOf = (value: Buffer): string => createHash('sha1').update(value).digest('hex');

function unreadRecord(uid: string, {message}: Error, {shown}: AnswerOptions): UnreadRecord {
  if (/^WRONGTYPE\b/.test(message))
    return {uid, reason: 'refused', message: 'the key holds another type than a string (WRONGTYPE)'};
  const reason = /^NOPERM\b/.test(message) ? 'not-permitted' : 'refused';
  const refusal = refusalIn(message, shown);
  return {uid, reason, message: refusal === undefined ? message : `${message}: ${refusal.message}`};
}

/** PTTL's reply for a key that vanished after its GET. */
const isGone = (ttl: Answer | undefined): boolean => ttl?.[1] === -2;

/** Returns the expiry; undefined when PTTL was refused, since GET and PTTL can be permitted separately. */
function expiryOf(answer: Answer | undefined, readAt: number): number | undefined {
  const [error, ttl] = answer ?? [];
  if (error !== null || typeof ttl !== 'number') return undefined;
  return ttl < 0 ? 0 : readAt + Math.max(1, ttl);
}
