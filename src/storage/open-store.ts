import {UsageError} from '../base/errors.js';
import type {Bus} from '../bus/bus.js';
import type {RecordStore} from './storage-handler.js';
import {maskStoreCredentials, StoreParameters, splitQuery} from './store-url.js';

interface OpenStoreOptions {
  /** Bus for `jetstream://`; the caller closes it. */
  readonly bus?: Bus | undefined;
  /** Creates a missing bucket. For gates, not for an operator's reads. */
  readonly create?: boolean | undefined;
  /** Reads the URL again if it is from a file. The next connection attempt uses its password. */
  readonly current?: (() => string) | undefined;
  /** MongoDB's timeout for connecting and for each command. */
  readonly timeoutMs?: number | undefined;
}

const schemes = [
  ...['memory:', 'file:/path/to/folder', 'redis://host:6379/0', 'redis+cluster://host'],
  ...[
    'redis+sentinel://host/master/0',
    'mongodb://host/database',
    'jetstream://bucket',
    'jsonfile:/path/to/file',
  ],
].join(', ');

/**
 * Opens the store with the given URL. Rejects with UsageError, or with UnreachableError if its server can't be
 * reached.
 */
export async function openStore(
  url: string,
  {bus, create = true, current, timeoutMs}: OpenStoreOptions = {},
): Promise<RecordStore> {
  const scheme = /^([a-z+]+):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'memory': {
      const {MemoryStore} = await import('./memory-store.js');
      const [address, query] = splitQuery(url);
      if (!/^memory:(?:\/\/)?$/i.test(address))
        throw new UsageError(`invalid store "${maskStoreCredentials(url)}": a memory store takes no name`, {
          hint: 'memory: or memory:?ttl=10m',
        });
      const parameters = new StoreParameters(url, query, ['ttl']);
      return new MemoryStore({ttlMs: parameters.durationMs('ttl')});
    }
    case 'file': {
      const {FileStore} = await import('./file/file-store.js');
      return FileStore.open(folderOf(url), {create});
    }
    case 'jsonfile': {
      const {JsonFileStore} = await import('./json-file/json-file-store.js');
      return JsonFileStore.open(url);
    }
    case 'redis':
    case 'rediss':
    case 'redis+cluster':
    case 'rediss+cluster':
    case 'redis+sentinel':
    case 'rediss+sentinel': {
      const {RedisStore} = await import('./redis/redis-store.js');
      const store = RedisStore.fromUrl(url, current);
      try {
        await store.check();
      } catch (error) {
        await store.close();
        throw error;
      }
      return store;
    }
    case 'mongodb':
    case 'mongodb+srv': {
      const {MongoStore} = await import('./mongo/mongo-store.js');
      return MongoStore.open(url, {create, current, timeoutMs});
    }
    case 'jetstream': {
      const {KeyValueStore} = await import('./key-value/key-value-store.js');
      if (bus === undefined)
        throw new UsageError(`the store "${maskStoreCredentials(url)}" requires a NATS connection`);
      return KeyValueStore.fromUrl(bus, url, create);
    }
    default:
      throw new UsageError(`invalid store "${maskStoreCredentials(url)}"`, {hint: schemes});
  }
}

/** Returns the folder in `file:///var/x`, `file:/var/x` or `file:x`. */
function folderOf(url: string): string {
  const [, parameter] = /\?(\w+)=/.exec(url) ?? [];
  if (parameter !== undefined)
    throw new UsageError(`unknown parameter "${parameter}" in store URL "${maskStoreCredentials(url)}"`, {
      hint: 'file: URLs have no parameters',
    });
  const rest = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
  if (rest === '' || rest.startsWith('//'))
    throw new UsageError(`missing folder in "${maskStoreCredentials(url)}"`, {
      hint: 'for example file:/var/lib/gatectl/sessions',
    });
  return rest;
}
