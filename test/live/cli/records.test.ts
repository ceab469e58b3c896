import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../../src/session/session.js';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startRedis} from '../../support/redis.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';
import {ask, closed, sessionIdOf} from '../../support/test-gate.js';

const aSession = (userId: string, settings: Record<string, string> = {level: '1'}): Session =>
  newSession({
    userId,
    sessionId: 'feedfeedfeedfeed',
    serverId: 'Gate@gone',
    settings: stringBag(Object.entries(settings)),
  });
const bytesOf = (session: Session): Buffer => Buffer.from(encodeSession(session));

/** Of a newer mqant: a field that we do not know. */
const unknownField = Buffer.from([0xfa, 0x01, 0x03, 1, 2, 3]);

describeWith('redis-server')('records on a real Redis, without gates', () => {
  let server: TestServer;
  let redis: Redis;
  let dev: DevProcess;

  beforeAll(async () => {
    [server, dev] = await Promise.all([startRedis(), startDev('--gates', '1')]);
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await dev?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const records = async (...words: readonly string[]) =>
    dev.gatectl('records', ...words, '--store', `${server.url}/0`);
  const json = async (...words: readonly string[]) => JSON.parse((await records(...words, '-o', 'json')).out);

  test('G12, A2: shows invalid sessions and names unreadable records', async () => {
    await redis.flushall();
    await redis.set('session:good', bytesOf(aSession('good')));
    await redis.set('session:garbage', Buffer.from([0xff, 0x00, 0x1b, 0x5b]));
    await redis.set('session:empty', '');
    await redis.hset('session:hash', 'a', 'b');
    await redis.set('session:huge', Buffer.alloc(20 * 1024 * 1024, 0x80));
    await redis.set('another:key', 'x');
    const {code, out} = await records('list', '-o', 'jsonl');
    expect(code).toBe(3);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const {summary} = lines.pop();
    expect(summary).toMatchObject({count: 4, complete: false, stores: [{status: 'failed', unread: 1}]});
    expect(summary).not.toHaveProperty('gates');
    expect(summary.stores[0].message).toContain('"hash" (the key contains a type other than a string');
    const faults = Object.fromEntries(lines.map(({uid, undecodable}) => [uid, undecodable]));
    expect(Object.keys(faults).sort()).toEqual(['empty', 'garbage', 'good', 'huge']);
    expect(faults).toMatchObject({good: null});
    expect(faults['garbage']).toContain('at byte 1 of 4');
    expect(faults['huge']).toContain(`of ${20 * 1024 * 1024}`);
  });

  test('G13, G05: keeps fields of a newer mqant and the time to live on an edit', async () => {
    await redis.set(
      'session:u1',
      Buffer.concat([bytesOf(aSession('u1', {level: '1', banned: '1'})), unknownField]),
      'EX',
      5000,
    );
    expect(await records('set', 'u1', 'level=7', '--unset', 'banned')).toMatchObject({code: 0});
    const value = (await redis.getBuffer('session:u1')) ?? Buffer.alloc(0);
    expect({...decodeSession(value).settings}).toEqual({level: '7'});
    expect(value.includes(unknownField)).toBe(true);
    expect(await redis.ttl('session:u1')).toBeGreaterThan(4900);
    expect(await redis.ttl('session:u1')).toBeLessThanOrEqual(5000);
  });

  test('D18: reports a conflict for another revision, and keeps the record', async () => {
    await redis.set('session:u2', bytesOf(aSession('u2')));
    const {revision} = await json('get', 'u2');
    await redis.set('session:u2', bytesOf(aSession('u2', {level: '2'})));
    expect(await records('delete', 'u2', '--revision', revision, '--yes')).toMatchObject({code: 5});
    expect(await records('set', 'u2', 'level=9', '--revision', revision)).toMatchObject({code: 5});
    expect((await json('get', 'u2')).session.settings).toEqual({level: '2'});
    expect(
      await records('delete', 'u2', '--revision', (await json('get', 'u2')).revision, '--yes'),
    ).toMatchObject({code: 0});
    expect(await redis.exists('session:u2')).toBe(0);
    expect(await records('get', 'u2')).toMatchObject({code: 1});
  });

  test('expire sets and removes a time to live', async () => {
    await redis.set('session:u3', bytesOf(aSession('u3')));
    expect(await records('expire', 'u3', '10h')).toMatchObject({code: 0});
    expect(await redis.ttl('session:u3')).toBeGreaterThan(10 * 3600 - 100);
    expect(await records('expire', 'u3', 'never')).toMatchObject({code: 0});
    expect(await redis.ttl('session:u3')).toBe(-1);
  });

  test('list filters by uid and setting', async () => {
    await redis.flushall();
    for (const [uid, room] of [
      ['guest-1', 'a'],
      ['guest-2', 'b'],
      ['neo', 'a'],
    ] as const) {
      await redis.set(`session:${uid}`, bytesOf(aSession(uid, {room})));
    }
    expect((await records('list', '--uid', 'guest-*', '-o', 'ids')).out.split('\n').sort()).toEqual([
      '',
      'guest-1',
      'guest-2',
    ]);
    expect((await records('list', '--uid', 'guest-*', '--setting', 'room=b', '-o', 'ids')).out).toBe(
      'guest-2\n',
    );
    expect((await records('list', '--uid', 'guest', '-o', 'ids')).out).toBe('');
    const where = async (text: string) => await records('list', '--where', text, '-o', 'ids');
    expect((await where('uid.startsWith("guest-") && settings.room == "b"')).out).toBe('guest-2\n');
    expect((await where('age >= duration("0s") || sent >= 0')).out).toBe('');
    expect(await where('rom == "b"')).toMatchObject({code: 2, out: ''});
  });

  test('imports an export byte for byte, and keeps existing records', async () => {
    await redis.flushall();
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'store'));
    const elsewhere = `file:${folder.path}/store`;
    for (const uid of ['a', 'b', 'c 用户'])
      await redis.set(`session:${uid}`, Buffer.concat([bytesOf(aSession(uid)), unknownField]));
    const exported = await records('export');
    expect(exported.code).toBe(0);
    const into = (...words: string[]) =>
      spawnGatectl(['records', 'import', '-', '--store', elsewhere, '-o', 'json', ...words], {
        input: exported.out,
      });
    const first = await into();
    expect(first.code, first.err).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({imported: 3, kept: 0, failed: 0});
    const second = await into();
    expect(second.code).toBe(5);
    expect(JSON.parse(second.out)).toMatchObject({imported: 0, kept: 3});
    expect(JSON.parse((await into('--overwrite')).out)).toMatchObject({imported: 3});
    const again = await spawnGatectl(['records', 'export', '--store', elsewhere]);
    const values = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.includes('"value"'))
        .map((line) => JSON.parse(line).value)
        .sort();
    expect(values(again.out)).toEqual(values(exported.out));
  });

  test('rejects an import with an invalid line before writing', async () => {
    await redis.flushall();
    const good = JSON.stringify({uid: 'a', value: bytesOf(aSession('a')).toString('base64')});
    const {code, err} = await spawnGatectl(['records', 'import', '-', '--store', `${server.url}/0`], {
      input: `${good}\n{"uid": "b", "value": "//8="}\n`,
    });
    expect(code).toBe(2);
    expect(err).toContain('cannot import line 2');
    expect(await redis.dbsize()).toBe(0);
  });

  test('exits 8 for an unreachable store, and reports a missing permission', async () => {
    await using locked = await startRedis('--requirepass', 'canary-s3cret');
    const refused = await spawnGatectl(['records', 'list', '--store', `${locked.url}/0`]);
    expect(refused.code).toBe(4);
    expect(refused.err).toMatch(/NOAUTH|Authentication/i);
    const wrong = await spawnGatectl([
      'records',
      'list',
      '--store',
      `redis://:canary-wrong@127.0.0.1:${locked.port}/0`,
    ]);
    expect(wrong.code).toBe(4);
    expect(wrong.err + refused.err).not.toMatch(/canary/);
    await locked.stop();
    const gone = await spawnGatectl(['records', 'get', 'u1', '--store', `${locked.url}/0`]);
    expect(gone.code).toBe(8);
  });

  test('D17: deletes no record of an online user without a flag, then kicks first', async () => {
    await using clients = new MqttClients();
    const client = await clients.open(dev.gates[0]?.tcp ?? '');
    await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid: 'online'}));
    await sessionIdOf(client);
    const refused = await dev.gatectl('records', 'delete', 'online', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('"online" is online on Gate@a1');
    expect(await dev.gatectl('records', 'set', 'online', 'level=9')).toMatchObject({code: 1});
    expect(await dev.gatectl('records', 'get', 'online')).toMatchObject({code: 0});
    const {code, err} = await dev.gatectl('records', 'delete', 'online', '--yes', '--kick');
    expect({code, err}).toMatchObject({code: 0, err: expect.stringContaining('closed')});
    await closed(client);
    expect(await dev.gatectl('records', 'get', 'online')).toMatchObject({code: 1});
  });

  test('diff shows differences between record and live session', async () => {
    await using clients = new MqttClients();
    const client = await clients.open(dev.gates[0]?.tcp ?? '');
    await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid: 'two-faced'}));
    expect(await dev.gatectl('records', 'diff', 'two-faced')).toMatchObject({code: 0, out: ''});
    expect(await dev.gatectl('records', 'set', 'two-faced', 'level=9', '--online-too')).toMatchObject({
      code: 0,
    });
    const {out} = await dev.gatectl('records', 'diff', 'two-faced', '-o', 'json');
    expect(JSON.parse(out).items).toMatchObject([{field: 'settings.level', live: '1', record: '9'}]);
  });
});
