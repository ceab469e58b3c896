import {Redis} from 'ioredis';
import {expect, test} from 'vitest';
import {ConflictError, GatectlError, OutcomeUnknownError} from '../../../src/base/errors.js';
import {openRecords} from '../../../src/cluster/records/open-records.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {makeAuthority, trustHere} from '../../support/authority.js';
import {until} from '../../support/poll.js';
import {startRedisCluster, startSentinels} from '../../support/redis-cluster.js';
import {describeWith, type TestServer} from '../../support/servers.js';

const limitMs = 120_000;
const value = (userId: string, n = 0): Uint8Array =>
  encodeSession(newSession({userId, sessionId: 's1', settings: stringBag([['n', String(n)]])}));
const numberIn = (bytes: Uint8Array | undefined): number =>
  bytes === undefined ? 0 : Number(decodeSession(bytes).settings['n']);

async function fill(store: RecordStore, count: number): Promise<readonly string[]> {
  const uids = Array.from({length: count}, (_, at) => `user ${at}`);
  for (let from = 0; from < count; from += 200)
    await Promise.all(uids.slice(from, from + 200).map((uid) => store.put(uid, value(uid))));
  return uids;
}

/** Lists as an operator does; `onRow` sees how many rows came so far. */
async function listed(url: string, onRow: (count: number) => Promise<void>): Promise<readonly string[]> {
  const records = await openRecords(url, {} as never);
  try {
    const listing = await records.list();
    const uids: string[] = [];
    for await (const {uid} of listing.rows) {
      uids.push(uid);
      await onRow(uids.length);
    }
    expect(listing.outcomes()).toMatchObject([{status: 'ok'}]);
    return uids;
  } finally {
    await records.close();
  }
}

/** A write that the replica has confirmed, and with it all that the server acknowledged before. */
async function fence(server: TestServer, key: string): Promise<void> {
  const redis = new Redis(server.url);
  try {
    await redis.set(key, 'x');
    expect(await redis.wait(1, 5000)).toBeGreaterThanOrEqual(1);
    await redis.del(key);
    await redis.wait(1, 5000);
  } finally {
    redis.disconnect();
  }
}

describeWith('redis-server')('C3: a Redis that is replaced or resharded', () => {
  test('slots that move during a listing of a cluster lose and double nothing', {
    timeout: limitMs,
  }, async () => {
    await using cluster = await startRedisCluster();
    const store = await openStore(cluster.url);
    const uids = await fill(store, 6000);
    const clients = cluster.servers.map(({url}) => new Redis(url));
    try {
      const [target, , source] = clients; // the first is scanned first
      if (target === undefined || source === undefined) throw new Error('three masters');
      // slots of the last master move to the first, which was scanned: before the last is, and while it is
      for (const [rows, from] of [
        [2500, 16_000],
        [4100, 15_000],
      ] as const) {
        const seen = await listed(cluster.url, async (count) => {
          if (count !== rows) return;
          for (let slot = from; slot < from + 200; slot += 1) await move(slot, source, target);
        });
        expect(seen.toSorted()).toEqual(uids.toSorted());
      }
    } finally {
      for (const client of clients) client.disconnect();
      await store.close();
    }
  });

  test('a master that dies during a listing of a cluster loses and doubles nothing', {
    timeout: limitMs,
  }, async () => {
    await using cluster = await startRedisCluster(1);
    const store = await openStore(cluster.url);
    const uids = await fill(store, 6000);
    for (const [at, server] of cluster.servers.slice(0, 3).entries())
      await fence(server, ['{b}', '{c}', '{a}'][at] ?? '');
    const seen = await listed(cluster.url, async (count) => {
      if (count === 300) cluster.servers[0]?.signal('SIGKILL');
    });
    expect(seen.toSorted()).toEqual(uids.toSorted());
    await store.close();
  });

  test('a master that dies during a listing behind sentinels loses and doubles nothing', {
    timeout: limitMs,
  }, async () => {
    await using sentinels = await startSentinels();
    const store = await openStore(sentinels.url);
    const uids = await fill(store, 6000);
    await fence(sentinels.master, 'x');
    const seen = await listed(sentinels.url, async (count) => {
      if (count === 300) sentinels.master.signal('SIGKILL');
    });
    expect(seen.toSorted()).toEqual(uids.toSorted());
    await store.close();
  });

  test('a failover of a cluster under load loses no write that a replica had, and doubles none', {
    timeout: limitMs,
  }, async () => {
    await using cluster = await startRedisCluster(1);
    const [master] = cluster.servers;
    if (master === undefined) throw new Error('three masters');
    await failoverUnderLoad(cluster.url, master, '{b}');
  });

  test('a failover of sentinels under load loses no write that a replica had, and doubles none', {
    timeout: limitMs,
  }, async () => {
    await using sentinels = await startSentinels();
    await failoverUnderLoad(sentinels.url, sentinels.master, 'x');
  });
});

describeWith('redis-server', 'openssl')('C3: the same over TLS', () => {
  test('a failover of sentinels during a listing and writes loses and doubles nothing', {
    timeout: limitMs,
  }, async () => {
    await using authority = await makeAuthority();
    using _ = trustHere(authority);
    await using sentinels = await startSentinels(authority);
    expect(sentinels.url).toMatch(/^rediss/);
    await failoverOfListingAndLoad(sentinels.url, sentinels.master, 'x');
  });
});

/** Moves a slot with its keys, as `redis-cli --cluster reshard` does. */
async function move(slot: number, source: Redis, target: Redis): Promise<void> {
  const [from, to] = [await source.cluster('MYID'), await target.cluster('MYID')].map(String);
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from ?? '');
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to ?? '');
  const {host = '', port = 0} = target.options;
  const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1000)) as string[];
  if (keys.length > 0) await source.call('MIGRATE', host, port, '', 0, 5000, 'KEYS', ...keys);
  for (const node of [target, source]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', to ?? '');
}

/** Writers, each on a record of its own: every write adds one, after the revision that the writer saw last. */
async function failoverUnderLoad(url: string, master: TestServer, key: string): Promise<void> {
  const store = await openStore(url);
  const load = await startLoad(store);
  const safe = await killFenced(load, master, key);
  await load.afterFailover();
  const seen = await listed(url, async () => {});
  expect(seen.toSorted()).toEqual(load.writers.map(({uid}) => uid).toSorted());
  await load.check(store, safe);
  await store.close();
}

/** The same while an operator lists those records and others: the master dies when some rows have come. */
async function failoverOfListingAndLoad(url: string, master: TestServer, key: string): Promise<void> {
  const store = await openStore(url);
  const uids = await fill(store, 6000);
  const load = await startLoad(store);
  let safe: readonly number[] = [];
  const seen = await listed(url, async (count) => {
    if (count === 300) safe = await killFenced(load, master, key);
  });
  await load.afterFailover();
  expect(seen.toSorted()).toEqual([...uids, ...load.writers.map(({uid}) => uid)].toSorted());
  await load.check(store, safe);
  await store.close();
}

async function startLoad(store: RecordStore): Promise<Load> {
  const load = new Load(Array.from({length: 10}, (_, at) => new Writer(store, `writer ${at}`)));
  await until(() => Math.min(...load.acknowledged) > 50, {what: 'some writes'});
  return load;
}

/** Kills the master once a replica has the writes of now. Returns how many each writer had. */
async function killFenced(load: Load, master: TestServer, key: string): Promise<readonly number[]> {
  const safe = load.acknowledged;
  await fence(master, key);
  master.signal('SIGKILL');
  load.atKill = load.acknowledged;
  return safe;
}

class Load {
  atKill: readonly number[] = [];
  private isOver = false;
  private readonly work: Promise<unknown>;

  constructor(readonly writers: readonly Writer[]) {
    this.work = Promise.all(writers.map((writer) => writer.run(() => this.isOver)));
  }

  get acknowledged(): readonly number[] {
    return this.writers.map((writer) => writer.acknowledged);
  }

  /** Resolves when every writer has written again, and ends them. */
  async afterFailover(): Promise<void> {
    const {writers, atKill} = this;
    await until(() => writers.every((writer, at) => writer.acknowledged > (atKill[at] ?? 0) + 20), {
      what: 'writes after the failover',
      timeoutMs: 60_000,
    });
    this.isOver = true;
    await this.work;
  }

  async check(store: RecordStore, safe: readonly number[]): Promise<void> {
    for (const [at, writer] of this.writers.entries()) {
      // a sentinel that still names the old master may be asked first
      const record = await until(() => store.query(writer.uid), {what: `the record of ${writer.uid}`});
      const stored = numberIn(record);
      expect(stored, `${writer.uid} kept what the replica had`).toBeGreaterThanOrEqual(safe[at] ?? 0);
      expect(stored, `${writer.uid} executed nothing twice`).toBeLessThanOrEqual(
        writer.acknowledged + writer.unknown,
      );
      expect(stored, `${writer.uid} ends as its writer saw it`).toBe(writer.last);
    }
    expect(
      this.writers.some(({failures}) => failures > 0),
      'the failover was felt',
    ).toBe(true);
  }
}

class Writer {
  acknowledged = 0;
  unknown = 0;
  failures = 0;
  last = 0;

  constructor(
    private readonly store: RecordStore,
    readonly uid: string,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    let revision: string | undefined;
    while (!isOver()) {
      try {
        if (revision === undefined) {
          const record = await this.store.get(this.uid); // after doubt the stored state counts
          this.last = numberIn(record?.value);
          revision = record?.revision ?? '';
        }
        revision = await this.store.put(this.uid, value(this.uid, this.last + 1), {after: revision});
        this.last += 1;
        this.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof GatectlError)) throw error;
        if (error instanceof OutcomeUnknownError) this.unknown += 1;
        if (!(error instanceof ConflictError)) this.failures += 1;
        revision = undefined;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}
