import {Cluster, Redis} from 'ioredis';
import {Reread, type Secret, secretText} from '../../bus/connect/sign-in.js';
import {redisScripts} from './redis-scripts.js';
import type {RedisServers} from './redis-url.js';

type Status = readonly [number, string];

/** Commands that `redisScripts` adds to a client. `field` is empty for a key that holds a string. */
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

/** A client of one server, or of a cluster: the commands are the same. */
export type RedisClient = Redis & Scripts;

interface OpenedClient {
  readonly client: RedisClient;
  /** The same client, when it is that of a cluster. */
  readonly cluster: Cluster | undefined;
}

export interface ClientOptions {
  readonly servers: RedisServers;
  /** Wins over the URL's password; read again for each connection attempt. */
  readonly password?: Secret | undefined;
  readonly sentinelPassword?: Secret | undefined;
  readonly timeoutMs: number;
}

const longestPauseMs = 1000;
const pauseMs = (attempt: number): number => Math.min(50 * 2 ** attempt, longestPauseMs);

/** Connects without waiting. Commands are never queued or sent twice: callers see the failure and retry. */
export function openClient(options: ClientOptions): OpenedClient {
  if (options.servers.mode === 'cluster') {
    const cluster = openCluster(options);
    return {client: cluster as unknown as RedisClient, cluster};
  }
  return {client: openSingle(options) as RedisClient, cluster: undefined};
}

const rereadOf = (password: Secret | undefined): Reread<string | undefined> | undefined =>
  password === undefined ? undefined : new Reread(() => secretText(password));

function openSingle(options: ClientOptions): Redis {
  const {servers, password, sentinelPassword, timeoutMs} = options;
  const renewed = rereadOf(password);
  const client: Redis = new Redis({
    ...commonOptions(options, renewed?.get()),
    ...(servers.mode === 'single' ? servers.hosts[0] : {}),
    ...(servers.mode === 'sentinel' && {
      sentinels: [...servers.hosts],
      name: servers.master,
      ...(sentinelPassword !== undefined && {sentinelPassword: secretText(sentinelPassword) ?? ''}),
      sentinelCommandTimeout: timeoutMs,
      sentinelRetryStrategy: pauseMs,
      failoverDetector: true, // connects to the new master at once, though the old one may answer still
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

function openCluster(options: ClientOptions): Cluster {
  const {servers, password} = options;
  const renewed = rereadOf(password);
  const redisOptions = commonOptions(options, renewed?.get()); // nodes are created from this object
  const renew = (): void => void Object.assign(redisOptions, renewed && {password: renewed.get()});
  const cluster = new Cluster([...servers.hosts], {
    redisOptions,
    enableOfflineQueue: false,
    retryDelayOnFailover: 0, // a write may have been executed when its connection closed
    retryDelayOnClusterDown: 0,
    clusterRetryStrategy: (attempt) => {
      renew();
      return pauseMs(attempt);
    },
    // certificates name hosts, not addresses
    ...(servers.tls && {dnsLookup: (address, answer) => answer(null, address)}),
    scripts: redisScripts,
  });
  cluster.on('-node', renew);
  return cluster;
}

/** A master that became a replica refuses writes: the next attempt finds the new one. */
const isDemoted = ({message}: Error): boolean => /\bREADONLY\b/.test(message);

function commonOptions({servers, timeoutMs}: ClientOptions, password: string | undefined) {
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
