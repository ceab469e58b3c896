import {mkdir} from 'node:fs/promises';
import {Redis} from 'ioredis';
import {connect, nanos} from 'nats';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {PermissionError, UnreadableRecordError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {fileNameOf} from '../../../src/storage/file/file-names.js';
import {openStore} from '../../../src/storage/open-store.js';
import {startNats} from '../../support/nats.js';
import {natsVersions} from '../../support/nats-versions.js';
import {startRedis} from '../../support/redis.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const value = (uid: string): Buffer =>
  Buffer.from(encodeSession(newSession({userId: uid, settings: stringBag([['a', '1']])})));

describeWith('redis-server')('unreadable records in Redis', () => {
  let server: TestServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    await redis.call('ACL', 'SETUSER', 'ro', 'on', '>pw', '~session:a*', '+@read', '+scan', '+select');
    await redis.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '+get', '+scan', '+select');
    await redis.set('session:a1', value('a1'), 'EX', 600);
    await redis.set('session:empty', '');
    await redis.set('session:b1', value('b1'));
    await redis.hset('session:ahash', 'x', 'y');
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });

  const as = (user: string, parameters = '') =>
    openStore(`${server.url.replace('//', `//${user}:pw@`)}/0${parameters}`);

  test('A2: reports forbidden keys and keys of another type as unread', async () => {
    const store = await as('ro');
    const {records, unread} = await store.list('', 100);
    expect(records.map(({uid}) => uid)).toEqual(['a1']);
    expect(Object.fromEntries((unread ?? []).map(({uid, reason}) => [uid, reason]))).toEqual({
      ...{b1: 'not-permitted', empty: 'not-permitted', ahash: 'refused'},
    });
    await expect(store.get('b1')).rejects.toBeInstanceOf(PermissionError);
    await expect(store.get('ahash')).rejects.toBeInstanceOf(UnreadableRecordError);
    expect(await store.get('a-none')).toBeUndefined();
    await store.close();
  });

  test('a user without scripts reads the same page, expiries and faults too', async () => {
    await redis.call('ACL', 'SETUSER', 'noscript', 'on', '>pw', '~*', '+@all', '-@scripting');
    const [scripted, plain] = [await openStore(`${server.url}/0`), await as('noscript')];
    const byUid = ({records, unread = []}: Awaited<ReturnType<typeof plain.list>>) => ({
      // an expiry is the time of the reading plus what is left
      records: Object.fromEntries(
        records.map(({uid, value, expiresAt = -1}) => [uid, [value, expiresAt > 0]]),
      ),
      unread: Object.fromEntries(unread.map(({uid, message}) => [uid, message])),
    });
    const found = byUid(await plain.list('', 100));
    expect(found).toEqual(byUid(await scripted.list('', 100)));
    expect(found.records['a1']?.[1]).toBe(true);
    expect(found.unread['ahash']).toContain('a type other than a string');
    const {records} = await plain.list('', 100, {expiry: false});
    expect(records.every(({expiresAt}) => expiresAt === undefined)).toBe(true);
    for (const store of [scripted, plain]) await store.close();
  });

  test('a value beyond 32 MiB is named by its size, and the others are listed', async () => {
    await redis.call('SETRANGE', 'session:vast', 33 * 2 ** 20, 'x');
    const store = await openStore(`${server.url}/0`);
    const {records, unread = []} = await store.list('', 100);
    expect(records.map(({uid}) => uid)).toContain('a1');
    expect(unread.find(({uid}) => uid === 'vast')).toMatchObject({
      reason: 'too-large',
      message: expect.stringContaining(`the value has ${33 * 2 ** 20 + 1} bytes`),
    });
    await expect(store.get('vast')).rejects.toThrow('more than the maximum of 33554432');
    await store.close();
    await redis.del('session:vast');
  });

  test('A2: a value that is really empty is a record', async () => {
    const store = await openStore(`${server.url}/0`);
    expect(await store.get('empty')).toMatchObject({uid: 'empty', value: Buffer.alloc(0), expiresAt: 0});
    await store.close();
  });

  test('A2: never overwrites a key of another type', async () => {
    for (const encoding of ['protobuf', 'json']) {
      const store = await openStore(`${server.url}/0?encoding=${encoding}`);
      await expect(store.put('ahash', value('ahash'))).rejects.toThrow(/WRONGTYPE|contains a hash/);
      await store.close();
    }
    expect(await redis.hgetall('session:ahash')).toEqual({x: 'y'});
  });

  test('A7: reports an unknown expiry when PTTL is not permitted', async () => {
    const store = await as('blind');
    expect((await store.get('a1'))?.expiresAt).toBeUndefined();
    await store.close();
    const seeing = await as('ro');
    expect((await seeing.get('a1'))?.expiresAt).toBeGreaterThan(Date.now() + 500_000);
    await seeing.close();
  });

  test('A7: keeps the expiry on a write without one, and gives new records the default', async () => {
    const store = await openStore(`${server.url}/0?ttl=10m`);
    await redis.set('session:kept', value('kept'));
    await store.put('kept', value('kept'));
    await store.put('new', value('new'));
    expect(await redis.ttl('session:kept')).toBe(-1);
    expect(await redis.ttl('session:new')).toBeGreaterThan(500);
    await store.close();
  });

  test.each(['json', 'msgpack', 'base64', 'hex'])(
    'A2: returns bytes that are not %s unchanged, with the reason',
    async (encoding) => {
      const store = await openStore(`${server.url}/0?encoding=${encoding}&key=raw:{uid}`);
      await redis.set('raw:x', 'a {');
      const bytes = Buffer.from('a {');
      const fault = expect.stringContaining(`cannot decode it as ${encoding}`);
      expect(await store.get('x')).toMatchObject({value: bytes, fault, stored: {encoding, bytes}});
      const restored = await store.put('y', bytes, {stored: {encoding, bytes}});
      expect(await redis.getBuffer('raw:y')).toEqual(bytes);
      expect(restored).toBe((await store.get('y'))?.revision);
      await redis.set('raw:x', '');
      const empty = await store.get('x').catch((error: unknown) => error);
      const isText = encoding === 'base64' || encoding === 'hex'; // of no bytes
      if (isText) expect(empty).toMatchObject({value: Buffer.alloc(0)});
      else expect(empty).toBeInstanceOf(UnreadableRecordError);
      await store.close();
    },
  );
});

describe('unreadable records in files', () => {
  test('A2: reports a folder in place of a file as one unread record, and lists the others', async () => {
    await using folder = await temporaryFolder();
    const store = await openStore(`file:${folder.path}/store`);
    for (const uid of ['a', 'b', 'c']) await store.put(uid, value(uid));
    await store.delete('b');
    await mkdir(`${folder.path}/store/${fileNameOf('b')}`);
    const {records, unread} = await store.list('', 10);
    expect(records.map(({uid}) => uid)).toEqual(['a', 'c']);
    expect(unread).toMatchObject([{uid: 'b', reason: 'refused'}]);
    await expect(store.get('b')).rejects.toThrow('it is a folder, not a file');
    await store.close();
  });
});

describeWith('nats-server')('unreadable records in a bucket', () => {
  test.each(natsVersions())(
    "A7: takes the bucket's age as expiry, with or without it in the URL: $version",
    async ({program}) => {
      await using nats = await startNats('jetstream { store_dir: "{folder}/js" }', program);
      const maker = await connect({servers: nats.url});
      const manager = await maker.jetstreamManager();
      const limits = {max_msgs_per_subject: 1, allow_direct: true, max_age: nanos(600_000)};
      await manager.streams.add({name: 'KV_aged', subjects: ['$KV.aged.>'], ...limits});
      await maker.jetstream().publish('$KV.aged.u', value('u'));
      await maker.close();
      const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false, jetStream: true});
      try {
        const store = await openStore('jetstream://aged', {bus, create: false});
        const {expiresAt = 0} = (await store.get('u')) ?? {};
        expect(expiresAt).toBeGreaterThan(Date.now() + 500_000);
        expect(expiresAt).toBeLessThan(Date.now() + 700_000);
        await store.close();
      } finally {
        await bus.close();
      }
    },
  );

  test('A2: reports unread records instead of an empty bucket without permission', async () => {
    const users = `
      {user: all, password: pw}
      {user: lists, password: pw, permissions: {publish: {deny: ["$JS.API.STREAM.MSG.GET.>", "$JS.API.CONSUMER.>"]}}}`;
    await using nats = await startNats(
      `jetstream { store_dir: "{folder}/js" }
       authorization { users: [${users}] }`,
    );
    const options = {server: nats.url, timeoutMs: 5000, reconnect: false, password: 'pw', jetStream: true};
    const writing = await connectBus({...options, user: 'all'});
    const reading = await connectBus({...options, user: 'lists'});
    try {
      const store = await openStore('jetstream://sessions', {bus: writing});
      await store.put('u', value('u'));
      const denied = await openStore('jetstream://sessions', {bus: reading, create: false});
      expect(await denied.list('', 10)).toMatchObject({
        records: [],
        unread: [{uid: 'u', reason: 'not-permitted'}],
      });
      await expect(denied.get('u')).rejects.toBeInstanceOf(PermissionError);
    } finally {
      await reading.close();
      await writing.close();
    }
  });
});
