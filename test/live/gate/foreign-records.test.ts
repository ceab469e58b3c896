import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {decodeSession} from '../../../src/session/codec/session-protobuf.js';
import {openStore} from '../../../src/storage/open-store.js';
import {startRedis} from '../../support/redis.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {sessionIdOf, startTestGate} from '../../support/test-gate.js';

describeWith('redis-server')("a gate on a store in the project's format", () => {
  let server: TestServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });

  test("A3: keeps the project's members for a returning user", async () => {
    await redis.set(
      'session:jj',
      '{"VipLevel":1e3, "UserId":"jj","SessionId":"q","ServerId":"gate@x","Settings":{"a":"1"},"Big":9007199254740993}',
      'EX',
      900,
    );
    await using it = await startTestGate({storage: await openStore(`${server.url}/0?encoding=json`)});
    const {api} = it.gate;
    for (const level of ['1', '2']) {
      const client = await it.client();
      const id = await sessionIdOf(client);
      expect((await api.bind(id, 'jj')).settings).toMatchObject({a: '1'});
      await api.set(id, 'level', level);
      await client.endAsync();
      const stored = (await redis.get('session:jj')) ?? '';
      expect(stored).toMatch(/^\{"VipLevel":1e3, "UserId":"jj","SessionId":"[^"]+","ServerId":"[^"]+",/);
      expect(stored).toContain(`"Settings":{"a":"1","level":"${level}"}`);
      expect(stored).toContain('"Big":9007199254740993');
      expect(stored).toContain(`"SessionId":"${id}"`);
    }
    expect(await redis.ttl('session:jj')).toBeGreaterThan(800);
    const page = await api.recordList({});
    expect(page.records).toMatchObject([{uid: 'jj', stored: {encoding: 'json'}}]);
    const [record] = page.records;
    await api.recordPut('jj', record?.value ?? new Uint8Array(0), {
      revision: record?.revision,
      ttlMs: 60_000,
    });
    expect(await redis.get('session:jj')).toContain('"VipLevel":1e3');
  });

  test('A3: never overwrites a document that is not a session, and serves on', async () => {
    const foreign = '{"UserId":"kk","Settings":{"level":7},"VipLevel":7}';
    await redis.set('session:kk', foreign);
    await using it = await startTestGate({storage: await openStore(`${server.url}/0?encoding=json`)});
    const {api} = it.gate;
    const client = await it.client();
    const id = await sessionIdOf(client);
    await api.bind(id, 'kk');
    expect((await api.set(id, 'a', '1')).settings).toMatchObject({a: '1'});
    expect(await redis.get('session:kk')).toBe(foreign);
    expect((await api.info()).storage.dirty).toBe(1);
    const [record] = (await api.recordList({})).records.filter(({uid}) => uid === 'kk');
    expect(record?.fault).toContain('settings["level"] is not a string');
  });

  test('A3: does the same with msgpack', async () => {
    const packed = Buffer.from('83a6557365724964a26d6da3566970cd0007a853657474696e677381a161a131', 'hex');
    await redis.set('session:mm', packed);
    await using it = await startTestGate({storage: await openStore(`${server.url}/0?encoding=msgpack`)});
    const client = await it.client();
    const id = await sessionIdOf(client);
    expect((await it.gate.api.bind(id, 'mm')).settings).toMatchObject({a: '1'});
    const stored = (await redis.getBuffer('session:mm')) ?? Buffer.alloc(0);
    expect(stored.subarray(1, 30)).toEqual(packed.subarray(1, 30)); // to the end of the settings' name
    expect(stored.includes(Buffer.from('a3566970cd0007', 'hex'))).toBe(true);
    const record = await it.gate.api.recordGet('mm');
    expect(decodeSession(record?.value ?? new Uint8Array(0))).toMatchObject({userId: 'mm', sessionId: id});
  });
});
