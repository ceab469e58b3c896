import {gzipSync} from 'node:zlib';
import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import {encodeRecord, type RecordEncoding} from '../../../src/storage/record-encoding.js';
import {startRedis} from '../../support/redis.js';
import {startRedisCluster} from '../../support/redis-cluster.js';
import {gatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';

interface Planted {
  readonly encoding: RecordEncoding;
  readonly query: string;
  /** Where the record of a uid lies: a key, or a key and a field. */
  readonly at: (uid: string) => readonly [string, string?];
}

const planted: readonly Planted[] = [
  {encoding: 'protobuf', query: '', at: (uid) => [`session:${uid}`]},
  {encoding: 'json', query: '?key={uid}&encoding=json', at: (uid) => [uid]},
  {
    encoding: 'base64',
    query: '?key=user:{uid}:session&encoding=base64',
    at: (uid) => [`user:${uid}:session`],
  },
  {encoding: 'hex', query: '?key=game/session/{uid}&encoding=hex', at: (uid) => [`game/session/${uid}`]},
  {encoding: 'msgpack', query: '?key=s.{uid}&encoding=msgpack', at: (uid) => [`s.${uid}`]},
  {encoding: 'protobuf', query: '?key={uid}%23s', at: (uid) => [`${uid}#s`]},
  {encoding: 'protobuf', query: '?hash=users', at: (uid) => ['users', uid]},
  {
    encoding: 'json',
    query: '?hash=players&field=p:{uid}&encoding=json',
    at: (uid) => ['players', `p:${uid}`],
  },
  {
    encoding: 'hex',
    query: '?hash=online:1&field={uid}:s&encoding=hex',
    at: (uid) => ['online:1', `${uid}:s`],
  },
  {
    encoding: 'msgpack',
    query: '?key=user:{uid}&field=session&encoding=msgpack',
    at: (uid) => [`user:${uid}`, 'session'],
  },
  {encoding: 'base64', query: '?key=u{uid}&field=data&encoding=base64', at: (uid) => [`u${uid}`, 'data']},
  {encoding: 'json', query: '?key=用户:{uid}&field=s&encoding=json', at: (uid) => [`用户:${uid}`, 's']},
];

const count = 40;
const uids = Array.from({length: count}, (_, at) => `${10_000 + at * 7}`);

function recordOf(userId: string, encoding: RecordEncoding): Buffer {
  const settings = stringBag([['level', '7']]);
  const session = {sessionId: `a1b2c3d4e5f6${userId.slice(-4)}`, serverId: 'Gate@g1', network: 'tcp'};
  return encodeRecord(encodeSession(newSession({userId, ...session, settings})), encoding);
}

describeWith('redis-server')('records probe', () => {
  let server: TestServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    for (const [database, {encoding, at}] of planted.entries()) {
      await redis.select(database);
      await noise(redis);
      for (const uid of uids) {
        const [key, field] = at(uid);
        const value = recordOf(uid, encoding);
        await (field === undefined ? redis.set(key, value) : redis.hset(key, field, value, 'gold', '7'));
      }
    }
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });

  test.each(planted.map(({query}, database) => [database, query] as const))(
    'names the layout in database %i: "%s"',
    async (database, query) => {
      const address = `${server.url}/${database}`;
      const {code, out, err} = await gatectl(['records', 'probe', '--store', address, '-o', 'json']);
      expect(code, err).toBe(0);
      const [best] = JSON.parse(out).items;
      const {url} = best as {readonly url: string};
      expect(decodeURIComponent(url)).toBe(decodeURIComponent(`${address}${query}`));
      expect(best).toMatchObject({records: count, encoding: planted[database]?.encoding});
      expect(err).toContain(`to list them: gatectl records list --store`);
      const listed = await gatectl(['records', 'list', '--store', url, '-o', 'ids']);
      expect(
        listed.out
          .split('\n')
          .filter((line) => uids.includes(line))
          .sort(),
      ).toEqual([...uids].sort());
    },
  );

  test('a cluster is probed as a whole', async () => {
    await using cluster = await startRedisCluster();
    const store = await openStore(`${cluster.url}?key=p:{uid}`);
    for (const uid of uids) await store.put(uid, recordOf(uid, 'protobuf'));
    await store.close();
    const {out} = await gatectl(['records', 'probe', '--store', cluster.url, '-o', 'json']);
    expect(JSON.parse(out).items).toMatchObject([{records: count, url: `${cluster.url}?key=p:{uid}`}]);
  });

  test('says what there is instead of records', async () => {
    await redis.select(14);
    expect(await gatectl(['records', 'probe', '--store', `${server.url}/14`])).toMatchObject({
      code: 1,
      err: expect.stringContaining('the store is empty'),
    });
    for (const uid of uids) await redis.set(`session:${uid}`, gzipSync(recordOf(uid, 'protobuf')));
    expect(await gatectl(['records', 'probe', '--store', `${server.url}/14`])).toMatchObject({
      code: 1,
      err: expect.stringContaining('the values are gzip, which gatectl cannot read'),
    });
  });

  test('names the databases that have keys when the given one has none', async () => {
    const {code, err} = await gatectl(['records', 'probe', '--store', `${server.url}/15`]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /hint: give the number of a database that has keys .*: 0 \(\d+ keys\), 1 \(\d+ keys\)/,
    );
  });

  test('finds records that are one in a thousand keys', async () => {
    await using other = await startRedis();
    const many = new Redis(other.url);
    const pipeline = many.pipeline();
    for (let at = 0; at < 40_000; at += 1) pipeline.set(`cache:item:${at}`, 'x');
    for (const uid of uids) pipeline.set(`online:${uid}:s`, recordOf(uid, 'json'));
    await pipeline.exec();
    many.disconnect();
    const {out, err} = await gatectl(['records', 'probe', '--store', other.url, '-o', 'json']);
    expect(JSON.parse(out).items, err).toMatchObject([
      {key: 'online:{uid}:s', records: count, unreadable: 0},
    ]);
    expect(err).toContain('looked at 1\u202f000 of 40\u202f040 keys'.replaceAll('\u202f', ' '));
  });

  test.each([
    ['gzip in base64', (uid: string) => gzipSync(recordOf(uid, 'protobuf')).toString('base64')],
    ['gzip in hex', (uid: string) => gzipSync(recordOf(uid, 'protobuf')).toString('hex')],
  ])('says that the values are %s', async (kind, packed) => {
    await redis.select(14);
    await redis.flushdb();
    for (const uid of uids) await redis.set(`session:${uid}`, packed(uid));
    const {code, err} = await gatectl(['records', 'probe', '--store', `${server.url}/14`]);
    expect([code, err]).toEqual([1, expect.stringContaining(`the values are ${kind}, which gatectl cannot`)]);
  });

  test('reads JSON with underscores, and names the members where there is no session', async () => {
    await redis.select(14);
    await redis.flushdb();
    for (const uid of uids)
      await redis.set(
        `s:${uid}`,
        JSON.stringify({user_id: uid, session_id: `f00d${uid}`, server_id: 'Gate@1'}),
      );
    const found = await gatectl(['records', 'probe', '--store', `${server.url}/14`, '-o', 'json']);
    expect(JSON.parse(found.out).items).toMatchObject([{key: 's:{uid}', encoding: 'json', records: count}]);
    await redis.flushdb();
    for (const uid of uids)
      await redis.set(`s:${uid}`, JSON.stringify({data: {userId: uid, sessionId: 'a'}}));
    const none = await gatectl(['records', 'probe', '--store', `${server.url}/14`]);
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringContaining('members of the document itself: userId'),
    ]);
  });

  test('counts records whose uids have control characters', async () => {
    await redis.select(14);
    await redis.flushdb();
    for (const uid of ['new\nline', '\u001b[31m', 'a:b', 'x*y', '{uid}', '.d'])
      await redis.set(`session:${uid}`, recordOf(uid, 'protobuf'));
    const {out} = await gatectl(['records', 'probe', '--store', `${server.url}/14`, '-o', 'json']);
    expect(JSON.parse(out).items).toMatchObject([{key: 'session:{uid}', records: 6, unreadable: 0}]);
  });

  test('a user who may read only the keys of the records gets them, and others the reason', async () => {
    await redis.call('ACL', 'SETUSER', 'records', 'on', '>s3cret', '~session:*', '+@all');
    await redis.call('ACL', 'SETUSER', 'none', 'on', '>s3cret', '~none:*', '+@all');
    const as = (user: string) => `${server.url.replace('//', `//${user}:s3cret@`)}/0`;
    const found = await gatectl(['records', 'probe', '--store', as('records'), '-o', 'json']);
    expect(JSON.parse(found.out), found.err).toMatchObject({
      items: [{records: count, url: `${server.url.replace('//', '//***@')}/0`}],
      others: {'not permitted': expect.any(Number)},
    });
    const denied = await gatectl(['records', 'probe', '--store', as('none')]);
    expect([denied.code, denied.err]).toEqual([
      4,
      expect.stringMatching(/no records found, but \d+ keys may not be read/),
    ]);
    expect(`${found.out}${found.err}${denied.err}`).not.toContain('s3cret');
  });

  test('a cluster without some slots is named, not called empty', async () => {
    await using cluster = await startRedisCluster();
    const store = await openStore(cluster.url);
    for (const uid of uids) await store.put(uid, recordOf(uid, 'protobuf'));
    await store.close();
    for (const {url} of cluster.servers) {
      const node = new Redis(url);
      await node.config('SET', 'cluster-require-full-coverage', 'no');
      await node.call('CLUSTER', 'DELSLOTS', '100');
      node.disconnect();
    }
    const {code, out, err} = await gatectl(['records', 'probe', '--store', cluster.url, '-o', 'json']);
    expect([code, err]).toEqual([
      3,
      expect.stringContaining('no node of the Redis Cluster serves slot 100: '),
    ]);
    expect(JSON.parse(out).items).toMatchObject([{records: count}]);
    const listed = await gatectl(['records', 'list', '--store', cluster.url]);
    expect([listed.code, listed.err]).toEqual([8, expect.stringContaining('serves slot 100')]);
  });

  test('remote keys reach the terminal escaped, in the table and in the command to paste', async () => {
    await redis.select(13);
    for (const uid of uids) await redis.set(`\u001b]52;c;x\u0007'$(id):${uid}`, recordOf(uid, 'json'));
    const {out, err} = await gatectl(['records', 'probe', '--store', `${server.url}/13`, '-o', 'table']);
    expect(out).toContain('{uid}');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(`${out}${err}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(err).toContain(`'${server.url}/13?key=%1B%5D52%3Bc%3Bx%07'\\''%24(id):{uid}&encoding=json'`);
  });

  test('a wrong encoding or template never looks like an empty store', async () => {
    const json = `${server.url}/1`; // {uid}, json
    const wrongKey = await gatectl(['records', 'list', '--store', json]);
    expect(wrongKey.err).toMatch(/no record matches, but the store has \d+ keys/);
    expect(wrongKey.err).toContain(`gatectl records probe --store ${json}`);
    const wrongEncoding = await gatectl(['records', 'list', '--store', `${json}?key={uid}`, '-o', 'table']);
    expect(wrongEncoding.code).toBe(3);
    expect(wrongEncoding.err).toMatch(/\d+ records could not be read: /);
    expect(wrongEncoding.err).toContain('cannot decode it as protobuf');
    expect(wrongEncoding.err).toContain('gatectl records probe --store');
    expect(wrongEncoding.out.split('\n')[0]).toContain('UNDECODABLE');
    const right = await gatectl(['records', 'list', '--store', `${server.url}/0`, '-o', 'table']);
    expect(right).toMatchObject({code: 0});
    expect(right.out.split('\n')[0]).not.toContain('UNDECODABLE');
  });
});

/** Other keys of the same project. */
async function noise(redis: Redis): Promise<void> {
  await redis.rpush('queue:jobs', 'a', 'b');
  await redis.zadd('rank', 1, 'x', 2, 'y');
  await redis.set('counter:visits', '12345');
  await redis.set('config:shop', JSON.stringify({items: [{id: 1, price: 3}], open: true}));
  await redis.hset('guild:7', 'name', 'Dragons', 'members', '[1,2,3]');
}
