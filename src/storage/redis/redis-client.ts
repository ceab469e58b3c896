import {Cluster, Redis} from 'ioredis';
import {currentSecret, LastReadableValue, type Secret} from '../../bus/connect/credentials.js';
import {redisScripts} from './redis-scripts.js';
import type {RedisServers} from './redis-url.js';

type Status = readonly [number, string];

/** The commands that `redisScripts` defines. `field` is empty if the key contains a string. */
interface Scripts {
  gatectlPut(
    key: string,
    field: string,
    after: string,
    value: Uint8Array,
    ttl: string,
    newTtl: string,
  ): Promise<Status>;
  gatectlDelete(key: string, field: string, after: string): Promise<Status>;
  gatectlTouch(key: string, revision: string, ttlMs: string): Promise<number>;
}

/** A client of one server or of a cluster. Both have the same commands. */
export type RedisClient = Redis & Scripts;

interface OpenedClient {
  readonly client: RedisClient;
  /** The same client if it belongs to a cluster; otherwise undefined. */
  readonly cluster: Cluster | undefined;
}

export interface RedisClientOptions {
  readonly servers: RedisServers;
  /** Takes precedence over the password in the URL. Read again for each connection attempt. */
  readonly password?: Secret | undefined;
  readonly sentinelPassword?: Secret | undefined;
  readonly timeoutMs: number;
}

const maxPauseMs = 1000;
const pauseMs = (attempt: number): number => Math.min(50 * 2 ** attempt, maxPauseMs);

/**
 * Creates a client, which connects in the background. Commands are never queued or sent twice: callers see the
 * failure and retry.
 */
export function openRedisClient(options: RedisClientOptions): OpenedClient {
  if (options.servers.mode === 'cluster') {
    const cluster = openCluster(options);
    return {client: cluster as unknown as RedisClient, cluster};
  }
  return {client: openSingle(options) as RedisClient, cluster: undefined};
}

const passwordReader = (password: Secret | undefined): LastReadableValue<string | undefined> | undefined =>
  password === undefined ? undefined : new LastReadableValue(() => currentSecret(password));

function openSingle(options: RedisClientOptions): Redis {
  const {servers, password, sentinelPassword, timeoutMs} = options;
  const renewed = passwordReader(password);
  const client: Redis = new Redis({
    ...commonOptions(options, renewed?.get()),
    ...(servers.mode === 'single' ? servers.hosts[0] : {}),
    ...(servers.mode === 'sentinel' && {
      sentinels: [...servers.hosts],
      name: servers.master,
      ...(sentinelPassword !== undefined && {sentinelPassword: currentSecret(sentinelPassword) ?? ''}),
      sentinelCommandTimeout: timeoutMs,
      sentinelRetryStrategy: pauseMs,
      failoverDetector: true, // connects to the new master immediately, even if the old one still answers
      ...(servers.tls && {enableTLSForSentinelMode: true, sentinelTLS: {}}),
    }),
    db: servers.database,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => {
      if (renewed !== undefined) client.options.password = renewed.get() ?? '';
      return pauseMs(attempt);
    },
    scripts: redisScripts,
  });
  return client;
}

function openCluster(options: RedisClientOptions): Cluster {
  const {servers, password} = options;
  const renewed = passwordReader(password);
  const redisOptions = commonOptions(options, renewed?.get()); // nodes are created from this object
  const renew = (): void => void Object.assign(redisOptions, renewed && {password: renewed.get()});
  const cluster = new Cluster([...servers.hosts], {
    redisOptions,
    enableOfflineQueue: false,
    retryDelayOnFailover: 0, // a write may have been executed when its connection was closed
    retryDelayOnClusterDown: 0,
    clusterRetryStrategy: (attempt) => {
      renew();
      return pauseMs(attempt);
    },
    // certificates contain host names, not addresses
    ...(servers.tls && {dnsLookup: (address, answer) => answer(null, address)}),
    scripts: redisScripts,
  });
  cluster.on('-node', renew);
  return cluster;
}

/** Returns true for the error of a master that became a replica. A reconnect finds the new master. */
const isDemoted = ({message}: Error): boolean => /\bREADONLY\b/.test(message);

function commonOptions({servers, timeoutMs}: RedisClientOptions, password: string | undefined) {
  const given = password ?? servers.password;
  return {
    ...(servers.username !== undefined && {username: servers.username}),
    ...(given !== undefined && {password: given}),
    ...(servers.tls && {tls: {}}),
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(servers.mode !== 'single' && {reconnectOnError: isDemoted}),
  };
}
