import {connect, type NatsConnection} from 'nats';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {openRecords} from '../../../src/cluster/records/open-records.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {type NatsCluster, startNatsCluster} from '../../support/nats-cluster.js';
import {natsVersions} from '../../support/nats-versions.js';
import {until} from '../../support/poll.js';
import {describeWith} from '../../support/servers.js';

const limitMs = 120_000;
const names = (from: number, to: number): readonly string[] =>
  Array.from({length: to - from}, (_, at) => `u${from + at}`);

async function put(store: RecordStore, uids: readonly string[]): Promise<void> {
  for (let from = 0; from < uids.length; from += 200) {
    const some = uids.slice(from, from + 200);
    await Promise.all(
      some.map((userId) => store.put(userId, encodeSession(newSession({userId, sessionId: 's'})))),
    );
  }
}

describeWith('nats-server')('C3: a bucket on three servers', () => {
  describe.each(natsVersions())('of nats-server $version', ({program}) => {
    let cluster: NatsCluster;
    let client: NatsConnection;

    beforeAll(async () => {
      cluster = await startNatsCluster(3, {conf: 'jetstream { store_dir: "{folder}/js" }', program});
      client = await connect({servers: cluster.nodes.map(({url}) => url), maxReconnectAttempts: -1});
    }, limitMs);
    afterAll(async () => {
      await client?.close();
      await cluster?.[Symbol.asyncDispose]();
    });

    const leaderOf = (bucket: string): Promise<{readonly node: number}> =>
      until(
        async () => {
          const manager = await client.jetstreamManager();
          const [, node] = /^n(\d)$/.exec((await manager.streams.info(bucket)).cluster?.leader ?? '') ?? [];
          return node === undefined ? undefined : {node: Number(node)};
        },
        {what: 'a leader'},
      );

    /** A bucket with a copy on each server, and a store that writes through its leader. */
    async function replicated(bucket: string) {
      const create = () => client.jetstream({timeout: 2000}).views.kv(bucket, {replicas: 3, history: 1});
      await until(create, {what: 'the bucket'});
      const leader = (await leaderOf(`KV_${bucket}`)).node;
      const bus = await connectBus({
        server: cluster.urlsFrom(leader),
        timeoutMs: 5000,
        reconnect: true,
        jetStream: true,
      });
      const store = await openStore(`jetstream://${bucket}`, {bus, create: false});
      return {store, leader, [Symbol.asyncDispose]: () => bus.close()};
    }

    /** Lists as an operator does who is connected to the node. `onRow` gets the number of rows so far. */
    async function listed(bucket: string, node: number, onRow = async (_count: number): Promise<void> => {}) {
      const server = cluster.urlsFrom(node);
      const options = {server, registry: '', gateType: '', timeoutMs: 5000};
      const records = await openRecords(`jetstream://${bucket}`, options);
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

    test('lists at once through any server what another has acknowledged', {timeout: limitMs}, async () => {
      await using bucket = await replicated('fresh');
      let count = 0;
      for (let round = 0; round < 40; round += 1) {
        await put(bucket.store, names(count, count + 20));
        count += 20;
        const uids = await listed('fresh', (bucket.leader + 1 + (round % 2)) % 3);
        expect(uids.toSorted(), `round ${round}`).toEqual(names(0, count).toSorted());
      }
    });

    test('lists everything while a server catches up after a pause', {timeout: limitMs}, async () => {
      await using bucket = await replicated('paused');
      const paused = cluster.nodes[(bucket.leader + 1) % 3];
      let count = 0;
      for (let round = 0; round < 4; round += 1) {
        paused?.signal('SIGSTOP');
        try {
          await put(bucket.store, names(count, count + 1000));
        } finally {
          paused?.signal('SIGCONT');
        }
        count += 1000;
        const uids = await listed('paused', (bucket.leader + 2) % 3);
        expect(uids.toSorted(), `round ${round}`).toEqual(names(0, count).toSorted());
      }
    });

    test('loses and doubles nothing when the leader dies in the midst of two listings', {
      timeout: limitMs,
    }, async () => {
      const uids = names(0, 6000);
      await using bucket = await replicated('killed');
      await put(bucket.store, uids);
      let killed: Promise<void> | undefined;
      const kill = async (count: number): Promise<void> => {
        if (count < 600) return;
        killed ??= cluster.kill(bucket.leader);
        await killed;
      };
      const listings = [bucket.leader, (bucket.leader + 1) % 3].map((node) => listed('killed', node, kill));
      for (const seen of await Promise.all(listings)) {
        expect(seen).toHaveLength(uids.length);
        expect(new Set(seen)).toEqual(new Set(uids));
      }
      await cluster.restart(bucket.leader);
    });

    test('names the missing servers when too few run to elect a leader', {timeout: limitMs}, async () => {
      {
        await using _bucket = await replicated('halved');
      }
      await cluster.kill(0);
      await cluster.kill(1);
      await until(
        async () => {
          const refused = await listed('halved', 2).catch((error: unknown) => error);
          expect(refused).toBeInstanceOf(UnreachableError);
          return /no server leads it, because too few of its servers run/.test(String(refused));
        },
        {what: 'the last server to miss the others', timeoutMs: 60_000},
      );
    });
  });
});
