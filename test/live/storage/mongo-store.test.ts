import {readFile, writeFile} from 'node:fs/promises';
import {Binary, type Document, Long, MongoClient, ObjectId} from 'mongodb';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {
  ConflictError,
  OutcomeUnknownError,
  PermissionError,
  UnreachableError,
  UnreadableRecordError,
  UsageError,
} from '../../../src/base/errors.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {makeAuthority} from '../../support/authority.js';
import {startBlackHole} from '../../support/black-hole.js';
import {ferretDbBuildMs, startFerretDb} from '../../support/ferretdb.js';
import {MongoProxy} from '../../support/mongo-proxy.js';
import {until} from '../../support/poll.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const bytesOf = (uid: string, level = '1'): Buffer =>
  Buffer.from(
    encodeSession(
      newSession({
        userId: uid,
        sessionId: `s-${uid}`,
        serverId: 'Gate@a',
        settings: stringBag([['level', level]]),
      }),
    ),
  );
const levelOf = (value: Uint8Array | undefined): string | undefined =>
  value && decodeSession(value).settings['level'];

describeWith('go')('records in MongoDB', () => {
  let server: TestServer;
  let admin: MongoClient;
  let proxy: MongoProxy;
  const open: RecordStore[] = [];

  beforeAll(async () => {
    server = await startFerretDb();
    admin = new MongoClient(server.url);
  }, ferretDbBuildMs);
  afterAll(async () => {
    await admin?.close();
    await server?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    proxy = await MongoProxy.start(server.port);
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    await admin.db('game').dropDatabase();
    await proxy[Symbol.asyncDispose]();
  });

  async function opened(query = '', {create = false, timeoutMs = 2000} = {}): Promise<RecordStore> {
    const store = await openStore(`${proxy.url}/game${query}`, {create, timeoutMs});
    open.push(store);
    return store;
  }

  const collection = (name = 'gateSession') => admin.db('game').collection<Document>(name);

  /** A document as projects keep it. */
  const document = (id: unknown, uid = String(id)): Document => ({
    _id: id,
    Session: new Binary(bytesOf(uid)),
    ServerId: 'Gate@old',
    SessionId: 's-old',
    CreateAt: new Date('2026-01-01T00:00:00Z'),
    UpdateAt: new Date('2026-01-02T00:00:00Z'),
  });

  async function uidsOf(store: RecordStore, limit: number, after = ''): Promise<string[]> {
    const uids: string[] = [];
    let cursor = after;
    do {
      const page = await store.list(cursor, limit);
      uids.push(...page.records.map(({uid}) => uid));
      cursor = page.next;
    } while (cursor !== '');
    return uids;
  }

  describe('the layout of the wild', () => {
    test('a write changes the session and what repeats it, and leaves the rest', async () => {
      await collection().insertOne({...document('u1'), Other: {kept: [1, 'x']}});
      const store = await opened();
      const {revision = ''} = (await store.get('u1')) ?? {};
      await store.put('u1', bytesOf('u1', '9'), {after: revision});
      const found = await collection().findOne({_id: 'u1' as never});
      expect(found).toMatchObject({
        ServerId: 'Gate@a',
        SessionId: 's-u1',
        CreateAt: new Date('2026-01-01T00:00:00Z'),
        Other: {kept: [1, 'x']},
      });
      expect(found?.['UpdateAt'].getTime()).toBeGreaterThan(Date.now() - 60_000);
      expect(levelOf(found?.['Session'].buffer)).toBe('9');
    });

    test('a new record has all its fields, and an id of the type that the others have', async () => {
      const id = new ObjectId();
      await collection().insertOne(document(id));
      const store = await opened();
      const other = new ObjectId().toHexString();
      await store.put(other, bytesOf(other), {after: ''});
      expect(await collection().findOne({_id: new ObjectId(other)})).toMatchObject({
        ServerId: 'Gate@a',
        SessionId: `s-${other}`,
        CreateAt: expect.any(Date),
        UpdateAt: expect.any(Date),
      });
      await store.put('plain', bytesOf('plain'));
      expect(await collection().countDocuments({_id: 'plain' as never})).toBe(1);
    });

    test('ids are text, ObjectIds and integers, listed in pages of any size, each once', async () => {
      const ids = [
        ...['a', 'b', '10'],
        ...[new ObjectId('0123456789abcdef01234567'), new ObjectId()],
        ...[7, -3, Long.fromString('9007199254740993')],
      ];
      await collection().insertMany(ids.map((id) => document(id)));
      const store = await opened();
      const uids = ids.map(String).sort();
      for (const limit of [1, 2, 3, 100]) expect((await uidsOf(store, limit)).sort()).toEqual(uids);
      for (const uid of uids) expect(await store.get(uid)).toMatchObject({uid});
      const {revision = ''} = (await store.get('9007199254740993')) ?? {};
      await store.put('9007199254740993', bytesOf('x', '2'), {after: revision});
      expect(await store.delete('0123456789abcdef01234567')).toBe(true);
      expect(await collection().countDocuments()).toBe(ids.length - 1);
    });

    test('a uid that two documents have is refused by name', async () => {
      await collection().insertMany([document('42'), document(42)]);
      const store = await opened();
      await expect(store.get('42')).rejects.toThrow('there are two documents for "42"');
      await expect(store.put('42', bytesOf('42'))).rejects.toBeInstanceOf(UnreadableRecordError);
      await expect(store.delete('42')).rejects.toBeInstanceOf(UnreadableRecordError);
    });
  });

  test('other names, a uid in a field of its own, and documents that hold more than a session', async () => {
    const users = collection('users');
    await users.createIndex({name: 1}, {unique: true});
    await users.insertMany([
      {_id: 1 as never, name: 'ada', gold: 7, sess: bytesOf('ada').toString('base64')},
      {_id: 2 as never, name: 'bob', gold: 8},
    ]);
    const query = '?collection=users&uid=name&field=sess&server=&session=&created=&updated=&encoding=base64';
    const careful = await opened(query);
    await expect(careful.delete('ada')).rejects.toThrow('has fields other than the session: "gold"');
    const store = await opened(`${query}&delete=field`);
    expect(await uidsOf(store, 10)).toEqual(['ada']);
    expect(await store.get('bob')).toBeUndefined();
    await store.put('bob', bytesOf('bob'), {after: ''});
    await store.put('ada', bytesOf('ada', '5'));
    expect(await store.delete('ada')).toBe(true);
    await store.put('eve', bytesOf('eve'));
    expect(await users.find({}, {sort: {name: 1}, projection: {_id: 0}}).toArray()).toEqual([
      {name: 'ada', gold: 7},
      {name: 'bob', gold: 8, sess: bytesOf('bob').toString('base64')},
      {name: 'eve', sess: bytesOf('eve').toString('base64')},
    ]);
    await expect(opened(`${query.replace('sess', 'nope')}&delete=field`)).rejects.toMatchObject({
      message: expect.stringContaining('has the field "nope"'),
      hint: expect.stringContaining('"gold"'),
    });
    const loose = await opened('?collection=users&uid=gold&field=sess&encoding=base64');
    await expect(loose.put('9', bytesOf('9'))).rejects.toThrow('"gold" has no unique index');
  });

  test('A2: what cannot be read is named, and hides nobody', async () => {
    await collection().insertMany([
      document('good'),
      {...document('text'), Session: bytesOf('text').toString('base64')},
      {...document('object'), Session: {a: 1}},
      {...document('null'), Session: null},
      {_id: 'none' as never},
      document(new Binary(Buffer.from('x')), 'binary id'),
    ]);
    const store = await opened();
    const {records, unread = []} = await store.list('', 100);
    expect(records.map(({uid, fault}) => [uid, fault])).toEqual([
      ['good', undefined],
      ['text', expect.stringContaining('contains text; add encoding=base64')],
    ]);
    expect(Object.fromEntries(unread.map(({uid, message}) => [uid, message]))).toEqual({
      object: 'the field "Session" contains a value of type object, not bytes or text',
      null: 'the field "Session" contains null, not bytes or text',
      none: 'the document lacks the field "Session"',
      '_id:{"$binary":{"base64":"eA==","subType":"00"}}': 'its "_id" is not a uid',
    });
    for (const uid of ['object', 'null', 'none'])
      await expect(store.get(uid)).rejects.toBeInstanceOf(UnreadableRecordError);
    await expect(store.put('object', bytesOf('object'))).rejects.toThrow('not bytes or text');
    expect(await collection().findOne({_id: 'object' as never})).toMatchObject({Session: {a: 1}});
    const other = await opened('?field=session');
    expect((await other.list('', 100)).unread).toHaveLength(6);
  });

  test('a listing goes on after its cursor and its connections are lost, without a gap and without doubles', async () => {
    const ids = Array.from({length: 50}, (_, at) => `u${String(at).padStart(2, '0')}`);
    await collection().insertMany([...ids, new ObjectId('f'.repeat(24))].map((id) => document(id)));
    const store = await opened();
    const first = await store.list('', 20);
    proxy.cut();
    const second = await store.list(first.next, 20);
    const another = await opened();
    const rest = await uidsOf(another, 20, second.next);
    const seen = [...first.records, ...second.records].map(({uid}) => uid);
    expect([...seen, ...rest]).toEqual([...ids, 'f'.repeat(24)]);
    await expect(store.list('x', 10)).rejects.toThrow('invalid cursor "x"');
  });

  describe('expiry by a TTL index', () => {
    /** FerretDB has no TTL index: the proxy says that there is one, as MongoDB does. */
    const withIndex = (key: Document, expireAfterSeconds: unknown) => {
      proxy.answer = (command) =>
        'listIndexes' in command
          ? {
              cursor: {
                id: Long.ZERO,
                ns: 'game.gateSession',
                firstBatch: [
                  {v: 2, key: {_id: 1}, name: '_id_'},
                  {v: 2, key, name: 'ttl', expireAfterSeconds},
                ],
              },
              ok: 1,
            }
          : undefined;
    };

    test('a record expires at UpdateAt and the time of the index; an edit keeps it, a write of a gate extends it', async () => {
      withIndex({UpdateAt: 1}, 600);
      const UpdateAt = new Date(Date.now() - 300_000);
      await collection().insertOne({...document('u1'), UpdateAt});
      await collection().insertOne({...document('gone'), UpdateAt: new Date(Date.now() - 601_000)});
      const store = await opened();
      expect(store.ability.expire).toBe(true);
      expect(store.ttlMs).toBe(600_000);
      expect(await store.get('u1')).toMatchObject({expiresAt: UpdateAt.getTime() + 600_000});
      expect(await store.get('gone')).toBeUndefined();
      expect(await uidsOf(store, 10)).toEqual(['u1']);
      const revision = await store.put('u1', bytesOf('u1', '2'));
      expect(await collection().findOne({_id: 'u1' as never})).toMatchObject({UpdateAt});
      await store.put('u1', bytesOf('u1', '3'), {after: revision, ttlMs: 60_000});
      const {expiresAt = 0} = (await store.get('u1')) ?? {};
      expect(Math.abs(expiresAt - Date.now() - 60_000)).toBeLessThan(5000);
      await store.store(newSession({userId: 'u1', sessionId: 's'}));
      const stored = await collection().findOne({_id: 'u1' as never});
      expect(Math.abs(stored?.['UpdateAt'].getTime() - Date.now())).toBeLessThan(5000);
      await store.put('u1', bytesOf('u1', '4'), {ttlMs: 0});
      expect(await store.get('u1')).toMatchObject({expiresAt: 0});
      expect(await collection().findOne({_id: 'u1' as never})).not.toHaveProperty('UpdateAt');
      await store.put('gone', bytesOf('gone'), {after: ''});
      expect((await store.get('gone'))?.expiresAt).toBeGreaterThan(Date.now() + 500_000);
    });

    test('a TTL index on the date of creation is shown, and never changed', async () => {
      withIndex({CreateAt: 1}, Long.fromNumber(600));
      await collection().insertOne({...document('u1'), CreateAt: new Date()});
      const store = await opened();
      expect(store.ability.expire).toBe(false);
      expect((await store.get('u1'))?.expiresAt).toBeGreaterThan(Date.now() + 500_000);
      await expect(store.put('u1', bytesOf('u1'), {ttlMs: 1000})).rejects.toThrow(
        '"CreateAt" is the creation date',
      );
    });

    test('a gate creates the index that its URL asks for; an operator does not', async () => {
      proxy.answer = (command) => ('createIndexes' in command ? {ok: 1} : undefined);
      const store = await opened('?ttl=10m', {create: true});
      expect(proxy.commands.find((command) => 'createIndexes' in command)).toMatchObject({
        createIndexes: 'gateSession',
        indexes: [{key: {UpdateAt: 1}, expireAfterSeconds: 600}],
      });
      await store.store(newSession({userId: 'u1', sessionId: 's'}));
      expect((await store.get('u1'))?.expiresAt).toBeGreaterThan(Date.now() + 500_000);
      await expect(opened('?ttl=10m')).rejects.toThrow('cannot expire: the collection has no TTL index');
      const plain = await opened();
      await expect(plain.put('u1', bytesOf('u1'), {ttlMs: 1000})).rejects.toThrow('it has no TTL index');
    });

    test('A7: where the indexes may not be read the expiry is unknown, and no write changes it', async () => {
      await collection().insertOne(document('u1'));
      proxy.answer = (command) => ('listIndexes' in command ? refusal('listIndexes') : undefined);
      const store = await opened();
      expect(await store.get('u1')).toMatchObject({expiresAt: undefined});
      await expect(store.put('u1', bytesOf('u1'), {ttlMs: 1000})).rejects.toThrow(
        'its TTL index cannot be read',
      );
      const told = await opened('?expire-after=36500d');
      expect((await told.get('u1'))?.expiresAt).toBeGreaterThan(Date.now());
    });
  });

  const refusal = (name: string): Document => ({
    ok: 0,
    code: 13,
    codeName: 'Unauthorized',
    errmsg: `not authorized on game to execute command { ${name}: "gateSession", secret: "canary" }`,
  });

  describe('errors', () => {
    test('a missing collection is refused and the others are named; a gate may create it', async () => {
      await collection('players').insertOne({_id: 'x' as never});
      await expect(opened()).rejects.toMatchObject({
        message: expect.stringContaining('no collection "gateSession" in database "game"'),
        hint: expect.stringContaining('"players"'),
      });
      const store = await opened('', {create: true});
      expect(await store.list('', 10)).toEqual({records: [], unread: [], next: ''});
    });

    test('A2, A3: who may not read has no empty store, and who may not write changes nothing', async () => {
      await collection().insertOne(document('u1'));
      const store = await opened();
      proxy.answer = (command) =>
        ['find', 'update', 'delete'].some((name) => name in command) ? refusal('find') : undefined;
      for (const work of [() => store.list('', 10), () => store.get('u1'), () => store.delete('u1')]) {
        const error = await work().catch((failure: unknown) => failure);
        expect(error).toBeInstanceOf(PermissionError);
        expect((error as Error).message).toContain('not authorized on game to execute command "find"');
        expect((error as Error).message).not.toContain('canary');
      }
      await expect(opened()).rejects.toBeInstanceOf(PermissionError);
    });

    test('a refused sign-in names no password', async () => {
      const url = proxy.url.replace('//', '//ops:canary@');
      const error = await openStore(`${url}/game`, {create: false}).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(PermissionError);
      expect((error as Error).message).toContain('mongodb://***@127.0.0.1');
      expect((error as Error).message).not.toContain('canary');
    });

    test('a server that is not there, or is silent, is unreachable within the deadline', async () => {
      const port = await freePort();
      const started = performance.now();
      await expect(
        openStore(`mongodb://127.0.0.1:${port}/game`, {create: false, timeoutMs: 300}),
      ).rejects.toThrow(`no server within 300 ms: 127.0.0.1:${port} connection refused`);
      await using hole = await startBlackHole();
      const silent = openStore(`mongodb://127.0.0.1:${hole.port}/game`, {create: false, timeoutMs: 300});
      await expect(silent).rejects.toBeInstanceOf(UnreachableError);
      expect(performance.now() - started).toBeLessThan(5000);
      const set = openStore(`${proxy.url}/game?replicaSet=rs0`, {create: false, timeoutMs: 300});
      await expect(set).rejects.toThrow('no server is a member of the replica set "rs0"');
      const gates = await openStore(`mongodb://127.0.0.1:${port}/game`, {timeoutMs: 300}); // a gate starts without it
      await expect(gates.get('u1')).rejects.toBeInstanceOf(UnreachableError);
      await gates.close();
    });

    test('A6: a write without an answer is unknown; one that never left is not', async () => {
      await collection().insertOne(document('u1'));
      const store = await opened('?retryWrites=false');
      const {revision = ''} = (await store.get('u1')) ?? {};
      proxy.answer = (command) => {
        if ('update' in command) proxy.cut();
        return undefined;
      };
      await expect(store.put('u1', bytesOf('u1', '2'), {after: revision})).rejects.toBeInstanceOf(
        OutcomeUnknownError,
      );
      proxy.answer = () => undefined;
      expect(levelOf((await store.get('u1'))?.value)).toMatch(/^[12]$/);
      await expect(store.put('u1', bytesOf('u1', '3'), {after: 'x'})).rejects.toBeInstanceOf(ConflictError);
    });

    test('a member that steps down while it writes leaves the outcome unknown', async () => {
      await collection().insertOne(document('u1'));
      const store = await opened('?retryWrites=false');
      proxy.answer = (command) =>
        'update' in command
          ? {ok: 0, code: 189, codeName: 'PrimarySteppedDown', errmsg: 'stepping down'}
          : undefined;
      await expect(store.put('u1', bytesOf('u1', '2'))).rejects.toBeInstanceOf(OutcomeUnknownError);
    });
  });

  /** FerretDB is no member of a replica set: the proxy says so of it. */
  const asReplica = (isPrimary: () => boolean) => {
    const me = proxy.url.replace('mongodb://', '');
    proxy.answer = (command) => {
      const primary = isPrimary();
      if (!primary && ('find' in command || 'getMore' in command))
        return {ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary'};
      if (!('hello' in command) && !('ismaster' in command)) return undefined;
      return {
        ...{
          isWritablePrimary: primary,
          ismaster: primary,
          secondary: !primary,
          ...(primary && {primary: me}),
        },
        ...{
          setName: 'rs0',
          setVersion: 1,
          hosts: [me],
          me,
          logicalSessionTimeoutMinutes: 30,
          localTime: new Date(),
        },
        ...{maxWireVersion: 21, minWireVersion: 0, maxBsonObjectSize: 16_777_216, ok: 1},
        ...{maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000},
      };
    };
  };

  test('a replica set is followed to its primary, and says what a power loss costs', async () => {
    await collection().insertOne(document('u1'));
    asReplica(() => true);
    const store = await opened('?replicaSet=rs0&retryWrites=false');
    await store.put('u1', bytesOf('u1', '2'));
    expect(levelOf((await store.get('u1'))?.value)).toBe('2');
    expect(await store.durability?.()).toMatchObject({
      powerLoss: expect.stringContaining('replica set "rs0"'),
    });
  });

  test('a listing that has begun waits for another primary, and loses and doubles nothing', async () => {
    const ids = Array.from({length: 30}, (_, at) => `u${10 + at}`);
    await collection().insertMany(ids.map((id) => document(id)));
    let isPrimary = true;
    asReplica(() => isPrimary);
    const store = await opened('?replicaSet=rs0&retryReads=false', {timeoutMs: 300});
    const first = await store.list('', 10);
    isPrimary = false;
    proxy.cut();
    const hellos = () =>
      proxy.commands.filter((command) => 'hello' in command || 'ismaster' in command).length;
    const before = hellos();
    const rest = uidsOf(store, 10, first.next);
    await until(() => hellos() > before + 2);
    isPrimary = true;
    expect([...first.records.map(({uid}) => uid), ...(await rest)]).toEqual(ids);
  });

  test('over TLS with a certificate of the client', async () => {
    await using authority = await makeAuthority();
    await using secure = await startFerretDb({authority});
    await using folder = await temporaryFolder();
    const pair = `${folder.path}/client.pem`; // the driver wants both in one file
    const {cert, key} = authority.client;
    await writeFile(pair, (await Promise.all([cert, key].map((file) => readFile(file, 'utf8')))).join(''));
    const files = `tls=true&tlsCAFile=${authority.ca}&tlsCertificateKeyFile=${pair}`;
    const url = `mongodb://127.0.0.1:${secure.port}/game`;
    const store = await openStore(`${url}?${files}`);
    open.push(store);
    await store.put('u1', bytesOf('u1'));
    expect(await store.get('u1')).toMatchObject({uid: 'u1'});
    for (const wrong of [`${url}?tls=true`, url, `${url}?tls=true&tlsCAFile=${authority.ca}`])
      await expect(openStore(wrong, {create: false, timeoutMs: 500})).rejects.toBeInstanceOf(
        UnreachableError,
      );
    await expect(openStore(`${url}?tls=true&tlsCAFile=/nowhere`, {create: false})).rejects.toBeInstanceOf(
      UsageError,
    );
  });
});
