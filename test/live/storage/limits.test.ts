import {Redis} from 'ioredis';
import {expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import {startNats} from '../../support/nats.js';
import {natsVersions} from '../../support/nats-versions.js';
import {startRedis} from '../../support/redis.js';
import {describeWith} from '../../support/servers.js';

/** By command: how often it was called. */
function callsOf(commandStats: string): Map<string, number> {
  const lines = [...commandStats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)];
  return new Map(lines.map(([, name = '', calls]) => [name, Number(calls)]));
}

describeWith('redis-server')('G11: a Redis of 50,000 records', () => {
  test('lists completely, without KEYS and without blocking commands', async () => {
    await using server = await startRedis();
    const redis = new Redis(server.url);
    const value = Buffer.from(encodeSession(newSession({userId: 'u', sessionId: 's'})));
    for (let from = 0; from < 50_000; from += 1000) {
      const pipeline = redis.pipeline();
      for (let at = from; at < from + 1000; at += 1) pipeline.set(`session:u${at}`, value);
      await pipeline.exec();
    }
    await redis.call('CONFIG', 'SET', 'slowlog-log-slower-than', '5000', 'slowlog-max-len', '100000');
    await redis.call('SLOWLOG', 'RESET');
    await redis.call('CONFIG', 'RESETSTAT');
    const store = await openStore(`${server.url}/0`);
    const seen = new Set<string>();
    let after = '';
    do {
      const page = await store.list(after, 500);
      for (const {uid} of page.records) seen.add(uid);
      after = page.next;
    } while (after !== '');
    expect(seen.size).toBe(50_000);
    const calls = callsOf(String(await redis.call('INFO', 'commandstats')));
    expect(calls.get('keys')).toBeUndefined();
    // Many small steps, of which a few may take 5 ms: those that wait for the processor of a busy machine.
    const [scans, reads] = ['scan', 'evalsha'].map((name) => calls.get(name) ?? 0);
    const steps = (scans ?? 0) + (reads ?? 0);
    expect(steps).toBeGreaterThanOrEqual(100);
    const slow = (await redis.call('SLOWLOG', 'GET', '-1')) as readonly (readonly [
      number,
      number,
      number,
      string[],
    ])[];
    expect(slow.length).toBeLessThan(steps / 5);
    await store.close();
    redis.disconnect();
  });
});

describeWith('nats-server')('G06: a time to live on a nats-server that cannot expire single keys', () => {
  const old = natsVersions().find(({expiresKeys}) => !expiresKeys);

  test.skipIf(old === undefined && !process.env['CI'])('is rejected instead of ignored', async () => {
    await using server = await startNats('jetstream { store_dir: "{folder}/js" }', old?.program);
    const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    try {
      const store = await openStore('jetstream://for-ever', {bus});
      const value = encodeSession(newSession({userId: 'u'}));
      await store.put('u', value);
      await expect(store.put('u', value, {ttlMs: 60_000})).rejects.toThrow('cannot expire single keys');
      const again = openStore('jetstream://for-ever?ttl=1h', {bus});
      await expect(again).rejects.toBeInstanceOf(UsageError);
      await expect(again).rejects.toMatchObject({
        hint: expect.stringContaining('requires nats-server 2.11 and this is 2.'),
      });
      await expect(openStore('jetstream://missing', {bus, create: false})).rejects.toThrow(
        'there is no bucket',
      );
      const hour = await openStore('jetstream://hour?ttl=1h', {bus});
      await hour.store(newSession({userId: 'u'}));
      const {expiresAt = 0} = (await hour.get('u')) ?? {};
      expect(Math.round((expiresAt - Date.now()) / 60_000)).toBe(60);
    } finally {
      await bus.close();
    }
  });

  test('reports a NATS without JetStream', async () => {
    await using server = await startNats();
    const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    await expect(openStore('jetstream://sessions', {bus})).rejects.toThrow('JetStream');
    await bus.close();
  });
});
