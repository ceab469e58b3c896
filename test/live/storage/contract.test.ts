import {randomUUID} from 'node:crypto';
import {expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {MemoryStore} from '../../../src/storage/memory-store.js';
import {openStore} from '../../../src/storage/open-store.js';
import {RedisStore} from '../../../src/storage/redis/redis-store.js';
import {startNats} from '../../support/nats.js';
import {natsVersions} from '../../support/nats-versions.js';
import {startRedis} from '../../support/redis.js';
import {startRedisCluster, startSentinels} from '../../support/redis-cluster.js';
import {describeWith} from '../../support/servers.js';
import {type ContractStore, storeContract} from '../../support/store-contract.js';
import {temporaryFolder} from '../../support/temp.js';

storeContract('the memory store', startMemory, 'each');

/** One process has one memory: who opens it again gets the same. */
async function startMemory(): Promise<ContractStore> {
  const plain = new MemoryStore();
  const short = new MemoryStore({ttlMs: 4000});
  return {
    open: async (ttl) => (ttl === undefined ? plain : short),
    async [Symbol.asyncDispose]() {},
  };
}

storeContract('the file store', startFiles, 'never');

async function startFiles(): Promise<ContractStore> {
  const folder = await temporaryFolder();
  return {
    open: () => openStore(`file:${folder.path}/store`),
    [Symbol.asyncDispose]: folder.remove,
  };
}

describeWith('redis-server')('with a real Redis', () => {
  for (const encoding of ['protobuf', 'base64', 'hex', 'json', 'msgpack']) {
    const parameters = `key=s:{uid}:x&encoding=${encoding}`;
    storeContract(`the Redis store, ${encoding}`, () => redisStore(startRedis(), parameters), 'each');
  }
  for (const [parameters, encoding] of [
    ['hash=users&field=u:{uid}', 'protobuf'],
    ['hash=users', 'json'],
    ['key=user:{uid}&field=session', 'base64'],
    ['key=user:{uid}&field=session', 'msgpack'],
  ]) {
    const all = `${parameters}&encoding=${encoding}`;
    storeContract(`the Redis store, ${all}`, () => redisStore(startRedis(), all), 'never');
  }
  storeContract('a Redis Cluster', () => redisStore(startRedisCluster(), 'encoding=protobuf'), 'each');
  storeContract('a hash in a Redis Cluster', () => redisStore(startRedisCluster(), 'hash=users'), 'never');
  storeContract('a Redis behind sentinels', () => redisStore(startSentinels(), 'encoding=json'), 'each');
});

async function redisStore(
  starting: Promise<{readonly url: string} & AsyncDisposable>,
  parameters: string,
): Promise<ContractStore> {
  const server = await starting;
  return {
    open: async (ttl) =>
      RedisStore.fromUrl(`${server.url}?${parameters}${ttl === undefined ? '' : `&ttl=${ttl}`}`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeWith('nats-server')('with a real JetStream', () => {
  const versions = natsVersions();

  test('has both an old and a current nats-server in CI', () => {
    if (!process.env['CI']) return;
    expect(new Set(versions.map(({expiresKeys}) => expiresKeys))).toEqual(new Set([false, true]));
  });

  for (const {program, version, expiresKeys} of versions) {
    storeContract(
      `the bucket store on nats-server ${version}`,
      () => startBucket(program),
      expiresKeys ? 'each' : 'all',
    );
  }
});

async function startBucket(program: string): Promise<ContractStore> {
  const server = await startNats('jetstream { store_dir: "{folder}/js" }', program);
  const name = randomUUID();
  return {
    async open(ttl) {
      const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
      // a bucket that expires as a whole is another bucket
      const url = ttl === undefined ? `jetstream://${name}` : `jetstream://${name}-${ttl}?ttl=${ttl}`;
      const store = await openStore(url, {bus});
      return Object.assign(store, {close: () => bus.close()});
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
