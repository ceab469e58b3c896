import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Redis} from 'ioredis';
import {expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {openStore} from '../../../src/storage/open-store.js';
import {clusterModeError} from '../../../src/storage/redis/check-server-mode.js';
import {parseRedisUrl} from '../../../src/storage/redis/redis-url.js';
import {startNats} from '../../support/nats.js';
import {answers, startRedis} from '../../support/redis.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, requireServer, startServer} from '../../support/servers.js';

describeWith('redis-server')('Redis servers that are no store', () => {
  test('C3: a node of a Redis Cluster is refused by name, by every user and in every use', async () => {
    await using server = await startRedis('--cluster-enabled', 'yes');
    const redis = new Redis(server.url);
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191'); // the other half is nowhere
    await redis.call('ACL', 'SETUSER', 'noinfo', 'on', '>pw', '~*', '+@all', '-info', '-cluster');
    redis.disconnect();
    const asked = server.url.replace('//', '//noinfo:pw@');
    for (const url of [`${server.url}/0`, `${server.url}/1`, `${asked}/0`])
      await expect(openStore(url), url).rejects.toThrow('is a node of a Redis Cluster');
    await using nats = await startNats();
    const uses = [
      ['records', 'list'],
      ['records', 'export'],
      ['records', 'delete', 'u1', '--offline', '--yes'],
      ['records', 'import', '-'],
      ['anomalies'],
      ['gate', 'run', '--id', 'a', '--tcp', '127.0.0.1:0'],
    ];
    const runs = uses.map((words) => {
      const line = [...words, '--store', `${server.url}/0`, '--server', nats.url];
      return spawnGatectl(line, {input: '', timeoutMs: 20_000});
    });
    for (const [at, run] of (await Promise.all(runs)).entries()) {
      expect(run, uses[at]?.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringContaining('is a node of a Redis Cluster'),
      });
    }
  });

  test('C3: a Sentinel is refused by name, and the hint names the next step', async () => {
    const program = requireServer('redis-server');
    await using sentinel = await startServer({
      name: 'redis-sentinel',
      logFile: 'log',
      url: (port) => `redis://127.0.0.1:${port}`,
      command: async (folder, port) => {
        const file = path.join(folder, 'sentinel.conf');
        await writeFile(file, `port ${port}\nbind 127.0.0.1\n`);
        return [program, file, '--sentinel', '--logfile', path.join(folder, 'log')];
      },
      serves: (_folder, port) => answers(port),
    });
    const refused = openStore(`${sentinel.url}/0`);
    await expect(refused).rejects.toThrow('is a Sentinel: it has no records');
    await expect(refused).rejects.toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining(`redis-cli -h 127.0.0.1 -p ${sentinel.port} sentinel masters`),
    });
  });

  test('C3: a store whose server becomes a cluster refuses from then on', async () => {
    const program = requireServer('redis-server');
    const mode: string[] = [];
    await using server = await startServer({
      name: 'redis-server',
      logFile: 'log',
      url: (port) => `redis://127.0.0.1:${port}`,
      command: (folder, port) => [
        ...([program, '--bind', '127.0.0.1', '--port', String(port), '--dir', folder] as const),
        ...['--logfile', path.join(folder, 'log'), '--save', '', ...mode],
      ],
      serves: (_folder, port) => answers(port),
    });
    const store = await openStore(`${server.url}/0`);
    expect(await store.get('u')).toBeUndefined();
    mode.push('--cluster-enabled', 'yes');
    await server.restart();
    const failure = () => store.get('u').catch((error: unknown) => error);
    await expect.poll(failure, {timeout: 8000}).toBeInstanceOf(UsageError);
    await store.close();
  });

  test('C3: a Redis that is away is no reason to refuse', async () => {
    const plain = await startRedis();
    await plain[Symbol.asyncDispose]();
    const store = await openStore(`${plain.url}/0`);
    await expect(store.get('u')).rejects.toThrow('connection refused');
    await store.close();
  });
});

test.each([
  'MOVED 1 127.0.0.1:7001',
  'ASK 1 127.0.0.1:7001',
  'CLUSTERDOWN Hash slot not served',
  'CROSSSLOT Keys',
  'ERR SELECT is not allowed in cluster mode',
])('C3: the error %s names the cluster', (message) => {
  const [single, cluster] = ['redis://h:1/0', 'redis+cluster://h:1'].map(parseRedisUrl);
  if (single === undefined || cluster === undefined) throw new Error('two URLs');
  expect(clusterModeError(message, single)).toMatchObject({
    message: expect.stringContaining('is a node of a Redis Cluster'),
    hint: 'for all nodes, use redis+cluster://h:1',
  });
  expect(clusterModeError(message, cluster)).toBeUndefined();
  expect(clusterModeError(`ERR no ${message.replace('SELECT', 'SLCT')}`, single)).toBeUndefined();
});
