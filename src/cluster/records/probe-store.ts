import {UsageError} from '../../base/errors.js';
import {type RecordEncoding, recordEncodings} from '../../storage/record-encoding.js';
import {maskStoreCredentials, splitQuery} from '../../storage/store-url.js';
import {type DetectedRecordLayout, type LayoutParameters, probeLayouts} from './probe-layouts.js';
import type {RecordAccess} from './record-access.js';

/** A way to read the store, with the records it finds in the sample. */
export interface StoreCandidate {
  readonly layout: string;
  readonly key: string | undefined;
  readonly hash: string | undefined;
  readonly field: string | undefined;
  readonly encoding: RecordEncoding | undefined;
  readonly records: number;
  readonly unreadable: number;
  /** URL of the store, without a password. */
  readonly url: string;
}

export interface StoreProbeResult {
  readonly fits: readonly StoreCandidate[];
  /** Number of keys or records in the sample. */
  readonly looked: number;
  readonly inAll: number | undefined;
  /** Number of other keys, by kind. */
  readonly others: ReadonlyMap<string, number>;
  /** Number of keys in each database of Redis; undefined if unknown. */
  readonly databases?: ReadonlyMap<number, number> | undefined;
  /** A slot that no node of a Redis Cluster serves; its keys are not in the sample. */
  readonly missingSlot?: number | undefined;
}

const maxRecords = 500;

/** Examines a bounded sample of a store. `open` opens the store by another URL. */
export async function probeStore(
  url: string,
  open: (url: string) => Promise<RecordAccess>,
): Promise<StoreProbeResult> {
  if (/^rediss?(?:\+\w+)?:/i.test(url)) return await probeRedis(url);
  const isEncoded = /^mongodb(?:\+srv)?:/i.test(url);
  const fits: StoreCandidate[] = [];
  let looked = 0;
  for (const encoding of isEncoded ? recordEncodings : [undefined]) {
    const asked = encoding === undefined ? url : withParameters(url, {encoding});
    const fit = await countRecords(await open(asked));
    looked = Math.max(looked, fit.records + fit.unreadable);
    const layout = {layout: 'as in the URL', key: undefined, hash: undefined, field: undefined};
    if (fit.records > 0) fits.push({...layout, encoding, ...fit, url: maskStoreCredentials(asked)});
  }
  const others = new Map(fits.length === 0 && looked > 0 ? [['unreadable records', looked]] : []);
  return {fits: fits.sort((a, b) => b.records - a.records), looked, inAll: undefined, others};
}

async function probeRedis(url: string): Promise<StoreProbeResult> {
  const {sampleRedis} = await import('../../storage/redis/redis-sample.js');
  const {values, keys, keysInAll, otherTypes, databases, missingSlot} = await sampleRedis(url);
  const {fits, others} = probeLayouts(values);
  return {
    fits: fits.map((fit) => ({...fit, layout: fit.kind, url: maskStoreCredentials(urlOf(url, fit))})),
    looked: keys,
    inAll: keysInAll,
    others: new Map([...others, ...otherTypes]),
    databases,
    missingSlot,
  };
}

/**
 * Counts readable records. Bytes that decode to an empty session count as unreadable, because protobuf of any other
 * kind does that.
 */
async function countRecords(
  records: RecordAccess,
): Promise<{readonly records: number; readonly unreadable: number}> {
  const listing = await records.list({limit: maxRecords, expiry: false});
  let [readable, unreadable] = [0, 0];
  for await (const {session} of listing.rows) {
    if (session === undefined || (session.sessionId === '' && session.serverId === '')) unreadable += 1;
    else readable += 1;
  }
  const failed = listing.outcomes().find(({status, unread}) => status === 'failed' && unread === undefined);
  if (failed !== undefined) throw new UsageError(`cannot read the store: ${failed.message ?? 'no answer'}`);
  return {records: readable, unreadable};
}

const defaults: Readonly<Record<string, string>> = {key: 'session:{uid}', encoding: 'protobuf'};

function urlOf(url: string, {key, hash, field, encoding}: DetectedRecordLayout): string {
  const layout: Partial<Pick<LayoutParameters, 'key' | 'hash' | 'field'>> = {
    key,
    hash,
    field: isWhole(hash, field) ? undefined : field,
  };
  return withParameters(url, {...layout, encoding});
}

const isWhole = (hash: string | undefined, field: string | undefined): boolean =>
  hash !== undefined && field === '{uid}';

/** Replaces the parameters that define a layout; leaves out those with default values. */
function withParameters(url: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const [address, query] = splitQuery(url);
  const kept = query.split('&').filter((pair) => pair !== '' && !/^(?:key|hash|field|encoding)=/.test(pair));
  const isHash = parameters['hash'] !== undefined;
  const added = Object.entries(parameters).flatMap(([name, text]) =>
    text === undefined || (text === defaults[name] && !(isHash && name === 'key'))
      ? []
      : [`${name}=${inQuery(text)}`],
  );
  const all = [...added, ...kept];
  return all.length === 0 ? address : `${address}?${all.join('&')}`;
}

/** Encodes a query value, but keeps templates readable. */
const inQuery = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(?:7B|7D|3A|2F)/g, (code) => decodeURIComponent(code));
