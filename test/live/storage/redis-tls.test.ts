import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {type Authority, makeAuthority} from '../../support/authority.js';
import {aSession} from '../../support/fake-gate.js';
import {startRedisWith, trusting} from '../../support/redis.js';
import {startRedisCluster, startSentinels} from '../../support/redis-cluster.js';
import {type SpawnOutcome, spawnGatectl} from '../../support/run-cli.js';
import {describeWith} from '../../support/servers.js';

const uids = ['neo', 'trinity', 'morpheus'];

describeWith('redis-server', 'openssl')('Redis over TLS', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await makeAuthority();
  });
  afterAll(async () => {
    await authority?.[Symbol.asyncDispose]();
  });

  const records = (input: string, ...words: readonly string[]): Promise<SpawnOutcome> =>
    spawnGatectl(['records', ...words], {input, env: {NODE_EXTRA_CA_CERTS: authority.ca}, timeoutMs: 60_000});

  async function worksOn(url: string): Promise<void> {
    const lines = uids.map((uid) => {
      const value = Buffer.from(encodeSession(aSession({userId: uid}))).toString('base64');
      return JSON.stringify({uid, value, expiresInMs: 0});
    });
    const store = ['--store', url];
    const imported = await records(lines.join('\n'), 'import', '-', ...store, '--offline', '--yes');
    expect(imported).toMatchObject({code: 0});
    const listed = await records('', 'list', ...store, '-o', 'ids');
    expect({code: listed.code, uids: listed.out.trim().split('\n').sort()}).toEqual({
      code: 0,
      uids: [...uids].sort(),
    });
    expect(await records('', 'delete', 'neo', ...store, '--offline', '--yes')).toMatchObject({code: 0});
    const untrusting = ['records', 'list', ...store, '-o', 'ids', '--timeout', '5s'];
    const refused = await spawnGatectl(untrusting, {timeoutMs: 60_000});
    expect(refused).toMatchObject({code: 8, out: '', err: expect.stringMatching(/certificate/)});
  }

  test('rediss: lists, writes and deletes, and names a certificate of an unknown authority', async () => {
    await using server = await startRedisWith(authority);
    await worksOn(`${server.url}/0`);
  }, 120_000);

  test('rediss+cluster: the same on every master', async () => {
    await using cluster = await startRedisCluster(0, authority);
    await worksOn(cluster.url);
  }, 180_000);

  test('rediss+sentinel: the same on the master, which sentinels name over TLS', async () => {
    await using cluster = await startSentinels(authority);
    await worksOn(`${cluster.url}/0`);
    const replica = new Redis(cluster.replica.url, trusting(authority));
    expect(await replica.exists('session:trinity')).toBe(1);
    replica.disconnect();
  }, 180_000);
});
