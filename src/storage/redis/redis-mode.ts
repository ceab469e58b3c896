import type {Redis} from 'ioredis';
import {UsageError} from '../../base/errors.js';
import type {RedisHost, RedisServers} from './redis-url.js';

type Asked = Pick<Redis, 'call' | 'info'>;
type Servers = Pick<RedisServers, 'mode' | 'hosts' | 'master' | 'tls' | 'shown'>;

/**
 * Throws UsageError when a URL names one server and that is a node of a Redis Cluster, which holds only a part of the
 * records, or a Sentinel, which holds none. Either would look like a complete store.
 */
export async function refuseOtherMode(client: Asked, servers: Servers): Promise<void> {
  if (servers.mode === 'cluster') return; // it gave its slots
  const mode = (await modeByHello(client)) ?? (await modeByInfo(client));
  if (mode === 'cluster') throw clusterRefusal(servers);
  if (mode === 'sentinel') throw await sentinelRefusal(client, servers);
}

const clusterErrors =
  /^(?:MOVED|ASK) \d+ |^(?:CLUSTERDOWN|CROSSSLOT|TRYAGAIN)\b|SELECT is not allowed in cluster mode/;

/** Converts an error reply to a refusal: only a cluster redirects or lacks slots. */
export function refusalIn(message: string, servers: Servers): UsageError | undefined {
  return servers.mode !== 'cluster' && clusterErrors.test(message) ? clusterRefusal(servers) : undefined;
}

/** Converts the reason why no connection came about to a refusal, when another URL would connect. */
export function connectionRefusal(message: string, servers: Servers): UsageError | undefined {
  const {mode, shown, hosts, master} = servers;
  const [{host, port}] = hosts;
  const unknown = /unknown command/i.test(message);
  if (mode === 'cluster' && (unknown || /cluster support disabled/.test(message)))
    return new UsageError(`Redis at ${shown} is not a Redis Cluster`, {hint: `give ${urlOf('', servers)}/0`});
  if (mode !== 'sentinel') return undefined;
  if (unknown)
    return new UsageError(`Redis at ${shown} is not a Sentinel`, {hint: `give ${urlOf('', servers)}/0`});
  if (!/got an invalid reply: null/.test(message)) return undefined;
  return new UsageError(`the Sentinel at ${shown} has no master "${master}"`, {
    hint: `list its masters: redis-cli -h ${host} -p ${port} sentinel masters`,
  });
}

/** HELLO needs no permission; servers before Redis 6 lack it. */
async function modeByHello(client: Asked): Promise<string | undefined> {
  const answer: unknown = await client.call('HELLO').catch(() => undefined);
  if (!Array.isArray(answer)) return undefined;
  const at = answer.findIndex((item, index) => index % 2 === 0 && String(item) === 'mode');
  return at < 0 ? undefined : String(answer[at + 1]);
}

/** Undefined when INFO is not permitted. */
async function modeByInfo(client: Asked): Promise<string | undefined> {
  const info = await client.info().catch(() => '');
  if (/^cluster_enabled:1\b/m.test(info)) return 'cluster';
  return /^redis_mode:(\w+)/m.exec(info)?.[1];
}

function clusterRefusal(servers: Servers): UsageError {
  const {shown} = servers;
  return new UsageError(`Redis at ${shown} is a node of a Redis Cluster: it holds a part of the records`, {
    hint: `give ${urlOf('cluster', servers)} for all nodes`,
  });
}

async function sentinelRefusal(client: Asked, servers: Servers): Promise<UsageError> {
  const [{host, port}] = servers.hosts;
  const masters: unknown = await client.call('SENTINEL', 'MASTERS').catch(() => undefined);
  const [first] = Array.isArray(masters) ? masters : [];
  const name = Array.isArray(first) ? String(first[first.indexOf('name') + 1]) : undefined;
  return new UsageError(`Redis at ${servers.shown} is a Sentinel: it holds no records`, {
    hint:
      name === undefined
        ? `use the URL of the master: redis-cli -h ${host} -p ${port} sentinel masters`
        : `give ${urlOf('sentinel', servers)}/${encodeURIComponent(name)}/0`,
  });
}

/** The servers in a URL of another kind, without credentials. */
function urlOf(kind: '' | 'cluster' | 'sentinel', {tls, hosts}: Servers): string {
  const text = ({host, port}: RedisHost): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const named = kind === '' ? hosts.slice(0, 1) : hosts;
  return `redis${tls ? 's' : ''}${kind === '' ? '' : `+${kind}`}://${named.map(text).join(',')}`;
}
