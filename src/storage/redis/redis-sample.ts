import type {Redis} from 'ioredis';
import {KeySample} from '../key-sample.js';
import {StoreParameters, splitQuery} from '../store-url.js';
import {parseSlotRanges, SlotSet} from './cluster-slots.js';
import {RedisConnection} from './redis-connection.js';
import {clientOptionsOfUrl, redisParameters, redisTimeoutMs} from './redis-store.js';

/** A stored value. */
export interface SampledValue {
  readonly key: string;
  /** Undefined for a string. */
  readonly field: string | undefined;
  readonly value: Buffer;
}

interface RedisSample {
  readonly values: readonly SampledValue[];
  /** Number of keys in the sample. */
  readonly keys: number;
  /** Number of keys on all nodes; undefined without permission. */
  readonly keysInAll: number | undefined;
  /** Number of keys that are neither strings nor hashes, by type; and of keys that may not be read. */
  readonly otherTypes: ReadonlyMap<string, number>;
}

interface RedisProbe extends RedisSample {
  /** Number of keys in each database, by its number; undefined in a cluster, and without permission. */
  readonly databases: ReadonlyMap<number, number> | undefined;
  /** A slot of the cluster that no node serves. */
  readonly missingSlot: number | undefined;
}

const maxKeys = 1000;
/** At 500 keys each, these find keys that are one in 1,000 of some hundred thousand. */
const maxScans = 400;
/** Maximum number of fields read from one hash. */
const maxFields = 200;
const maxValues = 4000;
/**
 * Maximum number of bytes read of a value. Records are far smaller, and the start of a larger value shows that it is
 * not one.
 */
const maxBytes = 64 * 1024;
/** Number of keys read concurrently. */
const batch = 50;

/** Reads a bounded sample of strings and hashes, whatever the layout in the URL. */
export async function sampleRedis(url: string): Promise<RedisProbe> {
  const parameters = new StoreParameters(url, splitQuery(url)[1], redisParameters);
  const connection = new RedisConnection({
    ...clientOptionsOfUrl(url, parameters, undefined),
    timeoutMs: redisTimeoutMs,
  });
  try {
    return await connection.run(async (client) => {
      const slots = await connection.cluster?.cluster('SLOTS');
      const missingSlot = slots && SlotSet.of(parseSlotRanges(slots)).firstMissing;
      const databases = slots === undefined ? await databasesOf(client) : undefined;
      const samples: RedisSample[] = [];
      const each = Math.ceil(maxKeys / connection.nodes.length);
      for (const node of connection.nodes) samples.push(await sampleNode(node, each));
      return {...merged(samples), databases, missingSlot};
    });
  } finally {
    connection.close();
  }
}

async function sampleNode(node: Redis, most: number): Promise<RedisSample> {
  const keys = await keysOf(node, most);
  const types = await Promise.all(keys.map((key) => node.type(key).catch(notPermitted)));
  const values: SampledValue[] = [];
  const otherTypes = new Map<string, number>();
  for (let from = 0; from < keys.length && values.length < maxValues; from += batch) {
    const some = keys.slice(from, from + batch).map((key, at) => valuesAt(node, key, types[from + at] ?? ''));
    for (const found of await Promise.all(some)) values.push(...found);
  }
  for (const type of types)
    if (type !== 'string' && type !== 'hash') otherTypes.set(type, (otherTypes.get(type) ?? 0) + 1);
  const keysInAll = await node.dbsize().catch(() => undefined);
  return {values, keys: keys.length, keysInAll, otherTypes};
}

async function keysOf(node: Redis, most: number): Promise<readonly string[]> {
  const sample = new KeySample();
  let cursor = '0';
  for (let scans = 0; scans < maxScans; scans += 1) {
    const [next, some] = await node.scan(cursor, 'COUNT', 500);
    for (const key of some) sample.add(key);
    cursor = next;
    if (cursor === '0') break;
  }
  return sample.choose(most);
}

/** Marks a key that the user may not access. Throws other errors, such as that of a command that is not permitted. */
function notPermitted(error: Error): 'not permitted' {
  if (/^NOPERM\b.*\bkeys?\b/.test(error.message)) return 'not permitted';
  throw error;
}

/** Parses the keyspace of INFO: `db0:keys=5,expires=0,…`. */
async function databasesOf(client: Redis): Promise<ReadonlyMap<number, number> | undefined> {
  const info = await client.info('keyspace').catch(() => undefined);
  if (info === undefined) return undefined;
  const lines = info.matchAll(/^db(\d{1,9}):keys=(\d{1,15}),/gm);
  return new Map([...lines].map(([, database, keys]) => [Number(database), Number(keys)]));
}

/** Returns the values at a key; none if it is not permitted, or has another type meanwhile. */
async function valuesAt(node: Redis, key: string, type: string): Promise<readonly SampledValue[]> {
  if (type === 'string') {
    const value = await node.getrangeBuffer(key, 0, maxBytes).catch(noValue);
    return value === null ? [] : [{key, field: undefined, value}];
  }
  if (type !== 'hash') return [];
  const [, items] = (await node.hscanBuffer(key, 0, 'COUNT', maxFields).catch(noValue)) ?? ['0', []];
  const values: SampledValue[] = [];
  for (let at = 0; at + 1 < items.length && values.length < maxFields; at += 2)
    values.push({key, field: String(items[at]), value: (items[at + 1] as Buffer).subarray(0, maxBytes)});
  return values;
}

function noValue(error: Error): null {
  if (!error.message.startsWith('WRONGTYPE')) notPermitted(error);
  return null;
}

function merged(samples: readonly RedisSample[]): RedisSample {
  const otherTypes = new Map<string, number>();
  for (const sample of samples)
    for (const [type, count] of sample.otherTypes) otherTypes.set(type, (otherTypes.get(type) ?? 0) + count);
  const totals = samples.map(({keysInAll}) => keysInAll);
  const isKnown = totals.every((total) => total !== undefined);
  return {
    values: samples.flatMap(({values}) => values),
    keys: samples.reduce((sum, {keys}) => sum + keys, 0),
    keysInAll: isKnown ? totals.reduce((sum: number, total) => sum + (total ?? 0), 0) : undefined,
    otherTypes,
  };
}
