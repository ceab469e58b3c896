import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Redis} from 'ioredis';
import type {Authority} from './authority.js';
import {until} from './poll.js';
import {answers, portSettings, startRedisWith, trusting} from './redis.js';
import {requireServer, startServer, type TestServer} from './servers.js';

export interface TestRedisCluster extends AsyncDisposable {
  /** Three masters; their replicas follow in the same order, where there are some. */
  readonly servers: readonly TestServer[];
  /** `redis+cluster://127.0.0.1:1,127.0.0.1:2` */
  readonly url: string;
}

const slots = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
] as const;
/** A master that is silent for so long is replaced. */
const nodeTimeoutMs = 2000;

/** A real Redis Cluster of three masters. */
export async function startRedisCluster(replicas = 0, tls?: Authority): Promise<TestRedisCluster> {
  const settings = [
    ...['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)],
    ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
  ];
  const started = Array.from({length: 3 * (1 + replicas)}, () => startRedisWith(tls, settings));
  const servers = await Promise.all(started);
  const clients = servers.map(({url}) => new Redis(url, trusting(tls)));
  try {
    await join(servers, clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    servers,
    url: `redis${tls === undefined ? '' : 's'}+cluster://${servers.slice(0, 3).map(({port}) => `127.0.0.1:${port}`)}`,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

async function join(servers: readonly TestServer[], clients: readonly Redis[]): Promise<void> {
  const [first] = servers;
  for (const [at, client] of clients.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    const range = slots[at];
    if (range !== undefined) await client.call('CLUSTER', 'ADDSLOTSRANGE', ...range.map(String));
    if (at > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', first?.port ?? 0);
  }
  const know = async (): Promise<boolean> => {
    const views = await Promise.all(clients.map((client) => client.cluster('NODES') as Promise<string>));
    return views.every(
      (view) => view.split('\n').filter((line) => / connected/.test(line)).length === clients.length,
    );
  };
  await until(know, {what: 'the nodes to meet', timeoutMs: 30_000});
  for (const [at, client] of clients.entries()) {
    if (at < 3) continue;
    const id = await clients[at % 3]?.cluster('MYID');
    await client.call('CLUSTER', 'REPLICATE', String(id));
  }
  const isUp = async (): Promise<boolean> => {
    for (const [at, client] of clients.entries()) {
      if (!/cluster_state:ok/.test(String(await client.cluster('INFO')))) return false;
      if (at >= 3 && !/master_link_status:up/.test(await client.info('replication'))) return false;
    }
    return true;
  };
  await until(isUp, {what: 'the cluster to be up', timeoutMs: 30_000});
}

export interface TestSentinels extends AsyncDisposable {
  readonly master: TestServer;
  readonly replica: TestServer;
  readonly sentinels: readonly TestServer[];
  /** `redis+sentinel://127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/mymaster` */
  readonly url: string;
}

/** A real master with a replica, and three sentinels that watch over it. */
export async function startSentinels(tls?: Authority): Promise<TestSentinels> {
  const master = await startRedisWith(tls, ['--repl-diskless-sync-delay', '0']);
  const replica = await startRedisWith(tls, ['--replicaof', '127.0.0.1', String(master.port)]);
  const client = new Redis(replica.url, trusting(tls));
  const isLinked = async () => /master_link_status:up/.test(await client.info('replication'));
  await until(isLinked, {what: 'the replica', timeoutMs: 30_000});
  client.disconnect();
  const sentinels = await Promise.all(Array.from({length: 3}, () => startSentinel(master.port, tls)));
  const clients = sentinels.map(({url}) => new Redis(url, trusting(tls)));
  const isReady = async (): Promise<boolean> => {
    const all = await Promise.all(clients.map((one) => one.call('SENTINEL', 'CKQUORUM', 'mymaster')));
    const states = await Promise.all(clients.map((one) => one.call('SENTINEL', 'REPLICAS', 'mymaster')));
    const others = await Promise.all(clients.map((one) => one.call('SENTINEL', 'SENTINELS', 'mymaster')));
    const isFull = (list: unknown, count: number) => Array.isArray(list) && list.length === count;
    return (
      all.every((text) => String(text).startsWith('OK 3')) &&
      states.every((list) => isFull(list, 1)) &&
      others.every((list) => isFull(list, 2))
    );
  };
  await until(isReady, {what: 'the sentinels', timeoutMs: 30_000});
  for (const one of clients) one.disconnect();
  return {
    master,
    replica,
    sentinels,
    url: `redis${tls === undefined ? '' : 's'}+sentinel://${sentinels.map(({port}) => `127.0.0.1:${port}`)}/mymaster`,
    async [Symbol.asyncDispose]() {
      await Promise.all([...sentinels, replica, master].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

function startSentinel(master: number, tls: Authority | undefined): Promise<TestServer> {
  const program = requireServer('redis-server');
  return startServer({
    name: 'redis-sentinel',
    logFile: 'log',
    url: (port) => `redis${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    command: async (folder, port) => {
      const file = path.join(folder, 'sentinel.conf');
      const lines = [
        ...portSettings(port, tls).map(([key, value]) => `${key} ${value}`),
        'bind 127.0.0.1',
        `sentinel monitor mymaster 127.0.0.1 ${master} 2`,
        'sentinel down-after-milliseconds mymaster 1500',
        'sentinel failover-timeout mymaster 5000',
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return [program, file, '--sentinel', '--logfile', path.join(folder, 'log')];
    },
    serves: (_folder, port) => answers(port, tls),
  });
}
