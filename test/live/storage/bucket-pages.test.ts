import {connect, type NatsConnection} from 'nats';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {openRecords} from '../../../src/cluster/records/open-records.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import type {StoredRecord} from '../../../src/session/gate-api.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {startNats} from '../../support/nats.js';
import {natsVersions} from '../../support/nats-versions.js';
import {describeWith, type TestServer} from '../../support/servers.js';

const value = (userId: string, text = ''): Uint8Array =>
  encodeSession(newSession({userId, sessionId: 's1', settings: stringBag([['text', text]])}));

const plain = (record: StoredRecord | undefined) =>
  record && {...record, value: Uint8Array.from(record.value)};

async function listed(store: RecordStore, limit: number, onPage = async (): Promise<void> => {}) {
  const records = [];
  let pages = 0;
  for (let after = ''; ; ) {
    const page = await store.list(after, limit);
    records.push(...page.records);
    pages += 1;
    after = page.next;
    if (after === '') return {records, pages};
    await onPage();
  }
}

describeWith('nats-server')('a listing of a bucket', () => {
  describe.each(natsVersions())('on nats-server $version', ({program}) => {
    let server: TestServer;
    let bus: Bus;
    let client: NatsConnection;

    beforeAll(async () => {
      const users = `
        {user: all, password: pw}
        {user: pages, password: pw, permissions: {publish: {deny: "$JS.API.STREAM.MSG.GET.>"}}}`;
      server = await startNats(
        `jetstream { store_dir: "{folder}/js" }
         max_payload: 8MB
         authorization { users: [${users}] }`,
        program,
      );
      bus = await asUser('all');
      client = await connect({servers: server.url, user: 'all', pass: 'pw'});
    });
    afterAll(async () => {
      await client?.close();
      await bus?.close();
      await server?.[Symbol.asyncDispose]();
    });

    const asUser = (user: string): Promise<Bus> =>
      connectBus({
        server: server.url,
        timeoutMs: 5000,
        reconnect: false,
        jetStream: true,
        user,
        password: 'pw',
      });

    async function filled(bucket: string, count: number): Promise<RecordStore> {
      const store = await openStore(`jetstream://${bucket}`, {bus});
      await Promise.all(Array.from({length: count}, (_, at) => store.put(`u${at}`, value(`u${at}`))));
      return store;
    }

    test('asks for pages, not for each key, and has the revisions of single reads', async () => {
      await filled('many', 700);
      const pages = await asUser('pages');
      try {
        const denied = await openStore('jetstream://many', {bus: pages, create: false});
        const {records} = await listed(denied, 500);
        expect(new Set(records.map(({uid}) => uid)).size).toBe(700);
        const store = await openStore('jetstream://many', {bus});
        for (const record of [records[0], records[650]]) {
          const single = await store.get(record?.uid ?? '');
          expect(plain(single)).toEqual(plain(record));
        }
        await store.put('u3', value('u3', 'new'), {
          after: records.find(({uid}) => uid === 'u3')?.revision ?? '',
        });
      } finally {
        await pages.close();
      }
    });

    test('sees each record that stays, though it is rewritten meanwhile, and no removed one', async () => {
      const store = await filled('moving', 300);
      let round = 0;
      const started = performance.now();
      const {records} = await listed(store, 50, async () => {
        round += 1;
        if (round > 5) return;
        for (const at of [0, 299]) await store.put(`u${at}`, value(`u${at}`, `round ${round}`));
        await store.delete(`u${200 + round}`);
      });
      expect(performance.now() - started, 'no request was left to its timeout').toBeLessThan(4000);
      const uids = new Set(records.map(({uid}) => uid));
      expect(uids.size).toBeGreaterThanOrEqual(295);
      for (let at = 0; at < 300; at += 1)
        if (at < 201 || at > 205) expect(uids, `u${at}`).toContain(`u${at}`);
      const known = await openRecords('jetstream://moving', {
        ...{server: server.url, registry: '', gateType: '', timeoutMs: 5000, user: 'all', password: 'pw'},
      });
      const rows: string[] = [];
      for await (const {uid} of (await known.list()).rows) rows.push(uid);
      await known.close();
      expect(rows).toHaveLength(295);
      expect(new Set(rows).size).toBe(295);
    });

    test('continues on another connection, and several listings at once do not disturb each other', async () => {
      const store = await filled('shared', 120);
      const first = await store.list('', 50);
      const other = await asUser('all');
      try {
        const again = await openStore('jetstream://shared', {bus: other, create: false});
        const rest = await again.list(first.next, 500);
        expect([...first.records, ...rest.records]).toHaveLength(120);
        const all = await Promise.all(Array.from({length: 12}, () => listed(store, 10)));
        for (const {records} of all) expect(new Set(records.map(({uid}) => uid)).size).toBe(120);
        for (const {records} of all) expect(records).toHaveLength(120);
      } finally {
        await other.close();
      }
    });

    test('passes over removed keys, and ends when none is left', async () => {
      const store = await filled('removed', 300);
      await Promise.all(Array.from({length: 299}, (_, at) => store.delete(`u${at}`)));
      const {records, pages} = await listed(store, 20);
      expect(records.map(({uid}) => uid)).toEqual(['u299']);
      expect(pages).toBeLessThan(4);
      await store.delete('u299');
      expect(await store.list('', 20)).toEqual({records: [], next: ''});
    });

    test('has the newest value only where a bucket keeps older ones', async () => {
      const bucket = await client.jetstream().views.kv('history', {history: 5});
      for (const text of ['a', 'b', 'c'])
        for (let at = 0; at < 30; at += 1) await bucket.put(`u${at}`, value(`u${at}`, text));
      await bucket.delete('u7');
      const store = await openStore('jetstream://history', {bus, create: false});
      const {records} = await listed(store, 10);
      expect(records.map(({uid}) => uid).toSorted()).toEqual(
        Array.from({length: 30}, (_, at) => `u${at}`)
          .filter((uid) => uid !== 'u7')
          .toSorted(),
      );
      for (const {uid, value: bytes} of records)
        expect(Buffer.from(bytes)).toEqual(Buffer.from(value(uid, 'c')));
    });

    test('reads values larger than a page', async () => {
      const store = await openStore('jetstream://large', {bus});
      const sizes = [5_000_000, 10, 900_000, 900_000, 900_000, 900_000, 900_000, 5_000_000];
      for (const [at, size] of sizes.entries()) await store.put(`u${at}`, value(`u${at}`, 'x'.repeat(size)));
      const {records, pages} = await listed(store, 100);
      expect(records.map(({value: {length}}) => Math.floor(length / 1000))).toEqual(
        sizes.map((size) => Math.floor(size / 1000)),
      );
      expect(pages).toBeGreaterThan(2);
    });
  });
});
