import {createHash} from 'node:crypto';
import type {Redis} from 'ioredis';
import type {StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import {decodeRecord, type RecordEncoding, revisionOfBytes} from '../record-encoding.js';
import {clusterModeError} from './check-server-mode.js';
import type {RecordPlace} from './record-layout.js';
import {readPageScript} from './redis-scripts.js';
import type {RedisServers} from './redis-url.js';

/** Larger values are not read; only their size is reported. */
export const maxRedisValueBytes = 32 * 2 ** 20;
/** Maximum size of the values in one reply, apart from the last value. */
const maxReplyBytes = 4 * 2 ** 20;

/**
 * Result of reading a key or field: a value, its size if it is too large, null, or an error; and the reply to PTTL.
 */
export interface RedisReadResult {
  readonly value: unknown;
  /** Undefined if it was not requested, or refused: GET and PTTL can be permitted separately. */
  readonly ttl: unknown;
}

interface PageOptions {
  /** True to read expiry times as well. */
  readonly timed: boolean;
  /** Connection to the node on which the keys were found. */
  readonly node: Redis;
  /** Client that finds the right node in a cluster. */
  readonly client: Redis;
}

/** Reads many values, with one script call per page or, without permission for scripts, with single commands. */
export class RedisPageReader {
  private isScripted = true;

  async page(places: readonly RecordPlace[], options: PageOptions): Promise<readonly RedisReadResult[]> {
    const held: RedisReadResult[] = [];
    while (this.isScripted && held.length < places.length) {
      const some = await this.byScript(places.slice(held.length), options);
      held.push(...some);
      if (some.length === 0) this.isScripted = false;
    }
    if (held.length < places.length) held.push(...(await byCommands(places.slice(held.length), options)));
    await this.repair(places, held, options);
    return held;
  }

  /** Reads values with the script. Returns none if the server, or a proxy in front of it, refuses the script. */
  private async byScript(
    places: readonly RecordPlace[],
    options: PageOptions,
  ): Promise<readonly RedisReadResult[]> {
    const {timed, node} = options;
    const field = places[0]?.field ?? '';
    const limits = [String(maxRedisValueBytes), String(maxReplyBytes), timed ? '1' : '0'];
    const args = ['0', field, ...limits, ...places.map(({key}) => key)];
    const answer = await evaluated(node, args).catch((error: Error) => {
      keyErrorOf(error);
      return [];
    });
    const stride = timed ? 2 : 1;
    const held: RedisReadResult[] = [];
    for (let at = 0; at + stride <= answer.length; at += stride)
      held.push({value: answer[at], ttl: timed ? answer[at + 1] : undefined});
    return held;
  }

  /**
   * Reads values again for which the script got an error: a missing permission, or a key that has moved to another
   * node.
   */
  private async repair(
    places: readonly RecordPlace[],
    held: RedisReadResult[],
    options: PageOptions,
  ): Promise<void> {
    const odd = places.flatMap((place, at) => (isRepairable(held[at]?.value) ? [{place, at}] : []));
    if (odd.length === places.length) this.isScripted = false;
    for (let from = 0; from < odd.length; from += 100) {
      const some = odd.slice(from, from + 100);
      const answers = await Promise.all(some.map(({place}) => readOneValue(place, options)));
      for (const [index, {at}] of some.entries()) held[at] = answers[index] ?? {value: null, ttl: undefined};
    }
  }
}

const isRepairable = (value: unknown): boolean =>
  value instanceof Error && !/^WRONGTYPE\b/.test(value.message);

const sha = createHash('sha1').update(readPageScript).digest('hex');

async function evaluated(node: Redis, args: readonly (string | Buffer)[]): Promise<readonly unknown[]> {
  const answer = await node.callBuffer('EVALSHA', sha, ...args).catch((error: Error) => {
    if (!/^NOSCRIPT\b/.test(error.message)) throw error;
    return node.callBuffer('EVAL', readPageScript, ...args);
  });
  return Array.isArray(answer) ? answer : [];
}

/** Reads strings with MGET. Marks whatever that can't read as `pending`. */
async function byCommands(
  places: readonly RecordPlace[],
  options: PageOptions,
): Promise<readonly RedisReadResult[]> {
  const {timed, node} = options;
  const pipeline = node.pipeline();
  const isPlain = places.every(({field}) => field === '');
  if (isPlain && timed) for (const {key} of places) pipeline.pttl(key);
  const [values, ttls] = await Promise.all([
    isPlain ? node.mgetBuffer(places.map(({key}) => key)).catch(refused) : undefined,
    isPlain && timed ? pipeline.exec() : undefined,
  ]);
  const ttlAt = (at: number): unknown => (ttls?.[at]?.[0] === null ? ttls[at]?.[1] : undefined);
  return places.map((_, at): RedisReadResult => ({value: values?.[at] ?? pending, ttl: ttlAt(at)}));
}

/** Marks a value that is to be read by itself. */
const pending = new Error('not read yet');

function refused(error: Error): undefined {
  if (error.name !== 'ReplyError') throw error;
}

/** Reads one value. Gets the size first; without permission for that, reads the value whatever its size. */
export async function readOneValue(
  {key, field}: RecordPlace,
  {timed, client}: Pick<PageOptions, 'timed' | 'client'>,
): Promise<RedisReadResult> {
  const answer = (work: Promise<unknown>): Promise<unknown> => work.catch(keyErrorOf);
  const [size, ttl] = await Promise.all([
    answer(field === '' ? client.strlen(key) : client.hstrlen(key, field)),
    timed ? client.pttl(key).catch(refused) : undefined,
  ]);
  if (typeof size === 'number' && size > maxRedisValueBytes) return {value: size, ttl};
  return {value: await answer(field === '' ? client.getBuffer(key) : client.hgetBuffer(key, field)), ttl};
}

/** Returns an error reply that concerns only this key; throws any other error. */
function keyErrorOf(error: Error): Error {
  const isAboutAll = /^(?:LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOAUTH)\b/.test(error.message);
  if (error.name !== 'ReplyError' || isAboutAll) throw error;
  return error;
}

interface AnswerOptions {
  readonly encoding: RecordEncoding;
  /** When the request was sent, in Unix milliseconds. */
  readonly readAt: number;
  readonly servers: RedisServers;
}

interface SortedRecords {
  readonly records: readonly StoredRecord[];
  readonly unread: readonly UnreadRecord[];
}

/** Converts what was read to records and unread records. Leaves out deleted ones. */
export function recordsOfReadResults(
  places: readonly Pick<RecordPlace, 'uid' | 'field'>[],
  held: readonly RedisReadResult[],
  options: AnswerOptions,
): SortedRecords {
  const {encoding, readAt} = options;
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  for (const [at, {uid, field}] of places.entries()) {
    const {value, ttl} = held[at] ?? {value: new Error('no answer'), ttl: undefined};
    if (value instanceof Error) unread.push(unreadRecord(uid, field !== '', value, options));
    else if (typeof value === 'number') unread.push(tooLarge(uid, value));
    else if (Buffer.isBuffer(value) && ttl !== -2) {
      const decoded = decodeRecord(value, encoding);
      if (decoded.fault !== undefined && value.length === 0)
        unread.push({uid, reason: 'refused', message: decoded.fault});
      else {
        const {value: bytes, fault, stored} = decoded;
        const record = {
          uid,
          value: bytes,
          revision: revisionOfBytes(value),
          expiresAt: expiryOf(ttl, readAt),
        };
        records.push(fault === undefined && stored === undefined ? record : {...record, fault, stored});
      }
    }
  }
  return {records, unread};
}

function unreadRecord(
  uid: string,
  isField: boolean,
  {message}: Error,
  {servers}: AnswerOptions,
): UnreadRecord {
  if (/^WRONGTYPE\b/.test(message)) {
    const type = isField ? 'hash' : 'string';
    return {uid, reason: 'refused', message: `the key contains a type other than a ${type} (WRONGTYPE)`};
  }
  const reason = /^NOPERM\b/.test(message) ? 'not-permitted' : 'refused';
  const refusal = clusterModeError(message, servers);
  return {uid, reason, message: refusal === undefined ? message : `${message}: ${refusal.message}`};
}

const tooLarge = (uid: string, size: number): UnreadRecord => ({
  uid,
  reason: 'too-large',
  message: `the value has ${size} bytes, more than the maximum of ${maxRedisValueBytes}`,
});

function expiryOf(ttl: unknown, readAt: number): number | undefined {
  if (typeof ttl !== 'number') return undefined;
  return ttl < 0 ? 0 : readAt + Math.max(1, ttl);
}
