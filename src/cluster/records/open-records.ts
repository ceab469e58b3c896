import {monotonicMs} from '../../base/clock.js';
import {errorMessage} from '../../base/error-details.js';
import {CallError, GatectlError, UnreachableError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {RecordStore} from '../../storage/storage-handler.js';
import type {ClusterOptions} from '../gates/open-cluster.js';
import {ClusterRecords, type RecordFunctions} from './cluster-records.js';
import {maskedStoreUrl} from './masked-store-url.js';
import type {RecordAccess} from './record-access.js';

const pageLimit = 500;
/** How long a lost connection to NATS is restored, to any server of its cluster, in milliseconds. */
const maxOutageMs = 30_000;

export interface OpenedStore extends RecordAccess {
  close(): Promise<void>;
}

/**
 * Opens a store directly, for clusters whose gates can't list records. Connects to NATS only for a JetStream bucket.
 * Rejects with UsageError or UnreachableError.
 */
export async function openRecords(url: string, options: ClusterOptions): Promise<OpenedStore> {
  const {openStore} = await import('../../storage/open-store.js');
  const bus = /^jetstream:/i.test(url) ? await connect(url, options) : undefined;
  const store = await openStore(url, {bus, create: false, timeoutMs: options.timeoutMs});
  const node = nodeOf(url);
  const records = new ClusterRecords({
    holders: async () => [node],
    holder: () => holderOf(store, node.id),
    claim: () => keysIfKnown(store),
    silenceMs: Number.POSITIVE_INFINITY, // unlimited, because a store may have many keys that are not records
    now: monotonicMs,
  });
  return Object.assign(records, {
    keyCount: async () => await store.keyCount?.(),
    close: async () => {
      await store.close();
      await bus?.close();
    },
  });
}

/** Returns the number of keys; undefined if the store can't tell, for example while another server takes over. */
async function keysIfKnown(store: RecordStore): Promise<number | undefined> {
  try {
    return await store.keyCount?.();
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

/** Connects to NATS, unless the URL of the bucket is invalid. */
async function connect(url: string, options: ClusterOptions) {
  const {parseBucketUrl} = await import('../../storage/key-value/bucket-url.js');
  parseBucketUrl(url);
  const {connectBus} = await import('../../bus/connect/connect-bus.js');
  return connectBus({...options, reconnect: true, giveUpAfterMs: maxOutageMs, jetStream: true});
}

/** Represents the store as a node. */
function nodeOf(url: string): ClusterNode {
  const id = maskedStoreUrl(url);
  return {
    id,
    type: 'store',
    address: '',
    version: '',
    metadata: {},
    subjectPerFunction: false,
    source: 'store',
  };
}

function holderOf(store: RecordStore, id: string): RecordFunctions {
  const asCallError = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      if (cause instanceof GatectlError) throw cause;
      const message = errorMessage(cause);
      throw new CallError({reason: 'refused', node: id, fn: 'store'}, `${id}: ${message}`, {cause});
    });
  return {
    recordGet: (uid) => asCallError(store.get(uid)),
    recordPut: async (uid, value, {revision, ...put} = {}) =>
      asCallError(store.put(uid, value, {after: revision, ...put})),
    recordDelete: async (uid, revision) => asCallError(store.delete(uid, revision)),
    recordList: ({after = '', limit = pageLimit, expiry}) => asCallError(store.list(after, limit, {expiry})),
  };
}
