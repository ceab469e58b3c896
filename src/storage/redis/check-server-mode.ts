import type {Redis} from 'ioredis';
import {UsageError} from '../../base/errors.js';
import type {RedisHost, RedisServers} from './redis-url.js';

type Asked = Pick<Redis, 'call' | 'info'>;
type Servers = Pick<RedisServers, 'mode' | 'hosts' | 'master' | 'tls' | 'shown'>;

/**
 * Throws UsageError if a URL for a single server leads to a node of a Redis Cluster, which has only part of the
 * records, or to a Sentinel, which has none. Either would look like a complete store.
 */
export async function checkServerMode(client: Asked, servers: Servers): Promise<void> {
  if (servers.mode === 'cluster') return; // it has returned its slots
  const mode = (await modeByHello(client)) ?? (await modeByInfo(client));
  if (mode === 'cluster') throw clusterRefusal(servers);
  if (mode === 'sentinel') throw await sentinelRefusal(client, servers);
}

const clusterErrors =
  /^(?:MOVED|ASK) \d+ |^(?:CLUSTERDOWN|CROSSSLOT|TRYAGAIN)\b|SELECT is not allowed in cluster mode/;

/**
 * Returns the error for a server that is part of a Redis Cluster, recognised by its error reply: only a cluster
 * redirects or lacks slots. Returns undefined for other replies.
 */
export function clusterModeError(message: string, servers: Servers): UsageError | undefined {
  return servers.mode !== 'cluster' && clusterErrors.test(message) ? clusterRefusal(servers) : undefined;
}

/** Returns the error for a failed connection if another URL would connect; undefined for other reasons. */
export function wrongSchemeError(message: string, servers: Servers): UsageError | undefined {
  const {mode, shown, hosts, master} = servers;
  const [{host, port}] = hosts;
  const unknown = /unknown command/i.test(message);
  if (mode === 'cluster' && (unknown || /cluster support disabled/.test(message)))
    return new UsageError(`Redis at ${shown} is not a Redis Cluster`, {hint: `use ${urlOf('', servers)}/0`});
  if (mode !== 'sentinel') return undefined;
  if (unknown)
    return new UsageError(`Redis at ${shown} is not a Sentinel`, {hint: `use ${urlOf('', servers)}/0`});
  if (!/got an invalid reply: null/.test(message)) return undefined;
  return new UsageError(`the Sentinel at ${shown} has no master "${master}"`, {
    hint: `list its masters: redis-cli -h ${host} -p ${port} sentinel masters`,
  });
}

/** Returns the mode according to HELLO, which needs no permission. Servers before Redis 6 lack it. */
async function modeByHello(client: Asked): Promise<string | undefined> {
  const answer: unknown = await client.call('HELLO').catch(() => undefined);
  if (!Array.isArray(answer)) return undefined;
  const at = answer.findIndex((item, index) => index % 2 === 0 && String(item) === 'mode');
  return at < 0 ? undefined : String(answer[at + 1]);
}

/** Returns the mode according to INFO; undefined without permission. */
async function modeByInfo(client: Asked): Promise<string | undefined> {
  const info = await client.info().catch(() => '');
  if (/^cluster_enabled:1\b/m.test(info)) return 'cluster';
  return /^redis_mode:(\w+)/m.exec(info)?.[1];
}

function clusterRefusal(servers: Servers): UsageError {
  const {shown} = servers;
  return new UsageError(`Redis at ${shown} is a node of a Redis Cluster: it has only part of the records`, {
    hint: `for all nodes, use ${urlOf('cluster', servers)}`,
  });
}

async function sentinelRefusal(client: Asked, servers: Servers): Promise<UsageError> {
  const [{host, port}] = servers.hosts;
  const masters: unknown = await client.call('SENTINEL', 'MASTERS').catch(() => undefined);
  const [first] = Array.isArray(masters) ? masters : [];
  const name = Array.isArray(first) ? String(first[first.indexOf('name') + 1]) : undefined;
  return new UsageError(`Redis at ${servers.shown} is a Sentinel: it has no records`, {
    hint:
      name === undefined
        ? `use the URL of the master: redis-cli -h ${host} -p ${port} sentinel masters`
        : `use ${urlOf('sentinel', servers)}/${encodeURIComponent(name)}/0`,
  });
}

/** Returns the URL of the servers for another mode, without credentials. */
function urlOf(kind: '' | 'cluster' | 'sentinel', {tls, hosts}: Servers): string {
  const text = ({host, port}: RedisHost): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const named = kind === '' ? hosts.slice(0, 1) : hosts;
  return `redis${tls ? 's' : ''}${kind === '' ? '' : `+${kind}`}://${named.map(text).join(',')}`;
}
