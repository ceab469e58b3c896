import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import {startRedis} from '../../support/redis.js';
import {gatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';

const value = (userId: string, level = '1'): Buffer =>
  Buffer.from(encodeSession(newSession({userId, sessionId: 's1', settings: stringBag([['level', level]])})));

describeWith('redis-server')('records in fields of hashes', () => {
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

  test('a hash per user: other fields and the time to live stay, whatever is done to the record', async () => {
    const store = `${server.url}/0?key=user:{uid}&field=session`;
    await redis.hset('user:u1', 'gold', '7', 'session', value('u1'));
    await redis.expire('user:u1', 5000);
    await redis.hset('user:u2', 'gold', '8'); // no record
    await redis.set('user:u3', 'no hash');
    const line = (words: string) => gatectl(['records', ...words.split(' '), '--store', store, '--offline']);
    const listed = await gatectl(['records', 'list', '--store', store, '-o', 'jsonl']);
    expect(
      listed.out
        .split('\n')
        .slice(0, -2)
        .map((text) => JSON.parse(text).uid),
    ).toEqual(['u1']);
    expect(listed.err).toContain('"u3" (the key contains a type other than a hash (WRONGTYPE))');
    expect(await line('set u1 level=9')).toMatchObject({code: 0});
    expect(await line('expire u1 10m')).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot expire individually'),
    });
    expect(await redis.ttl('user:u1')).toBeGreaterThan(4900);
    expect(await line('delete u3 --yes')).toMatchObject({code: 5});
    expect(await redis.get('user:u3')).toBe('no hash');
    expect(await line('delete u1 --yes')).toMatchObject({code: 0});
    expect(await redis.hgetall('user:u1')).toEqual({gold: '7'});
    expect(await line('delete u1 --yes')).toMatchObject({code: 1});
    expect(await redis.hgetall('user:u2')).toEqual({gold: '8'});
  });

  test('one hash: fields of other templates are no records, and its pages hold each record once', async () => {
    const uids = Array.from({length: 3000}, (_, at) => `u${at}`);
    for (const uid of uids) await redis.hset('all', `p:${uid}`, value(uid));
    await redis.hset('all', 'version', '3');
    await redis.expire('all', 5000);
    const store = await openStore(`${server.url}/0?hash=all&field=p:{uid}`);
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await store.list(after, 500);
      for (const {uid, expiresAt = 0} of page.records) {
        seen.push(uid);
        expect(expiresAt).toBeGreaterThan(Date.now());
      }
      after = page.next;
      if (after === '') break;
    }
    expect(seen.toSorted()).toEqual(uids.toSorted());
    expect(await store.keyCount?.()).toBe(3001);
    await store.close();
  });
});
