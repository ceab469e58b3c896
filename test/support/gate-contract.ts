import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError, ConflictError, NoSessionError} from '../../src/base/errors.js';
import {decodeEventPage} from '../../src/session/codec/event-page.js';
import {decodeSession} from '../../src/session/codec/session-protobuf.js';
import type {GateApi} from '../../src/session/gate-api.js';
import {type Session, stringBag} from '../../src/session/session.js';
import {until} from './poll.js';

/** A client on the gate under test. */
export interface ContractClient {
  readonly sessionId: string;
  /** The body of the next message that comes on the topic. */
  next(topic: string): Promise<string>;
  /** Resolves when the gate has closed the connection. */
  closed(): Promise<unknown>;
}

export interface ContractGate extends AsyncDisposable {
  readonly gate: GateApi;
  /** Hears what comes to a subject under this inbox; undefined where there is no bus to hear. */
  listen?(subject: string, handler: (bytes: Uint8Array) => void): void;
  /** An unmodified mqant gate: none of the extension. */
  readonly stock?: boolean;
  /** False for a gate that leaves selectors, orders and groups to who asks, and says so. */
  readonly filters?: boolean;
  /** False for a gate that cannot wait for acknowledgements, and says so. */
  readonly delivers?: boolean;
  join(): Promise<ContractClient>;
}

const body = (text: string): Uint8Array => Buffer.from(text);
const settingsOf = ({settings}: Session): Record<string, string> => {
  const {'User-Agent': _, ...own} = settings; // what a WebSocket brings is not ours
  return own;
};

/** What every body of GateApi must do: the gate itself, the client over a bus, the fake, a stock gate in Go. */
export function gateContract(name: string, open: () => Promise<ContractGate>): void {
  describe(name, () => {
    let world: ContractGate;
    let gate: GateApi;
    let filters: boolean;
    let users = 0;
    const aUser = (): string => `user ${name} ${++users} 用户`;

    beforeAll(async () => {
      world = await open();
      gate = world.gate;
      filters = world.filters ?? true;
    }, 300_000);
    afterAll(async () => await world?.[Symbol.asyncDispose]());

    test('update returns the session', async () => {
      const {sessionId} = await world.join();
      const session = await gate.update(sessionId);
      expect(session).toMatchObject({sessionId, serverId: gate.nodeId, userId: '', network: 'tcp'});
      expect(settingsOf(session)).toEqual({});
    });

    test('edit applies completely, or not at all for an unexpected setting', async () => {
      if (world.stock === true) return;
      const {sessionId} = await world.join();
      await gate.push(
        sessionId,
        stringBag([
          ['room', 'a'],
          ['old', '1'],
          ['__proto__', 'p'],
        ]),
      );
      const edit = {
        set: stringBag([
          ['room', 'b'],
          ['new', '2'],
        ]),
        unset: ['old'],
      };
      const others = [{room: 'x'}, {new: '1'}, {room: null}, {room: 'b'}, stringBag([['__proto__', 'q']])];
      for (const expected of others)
        await expect(gate.edit(sessionId, {...edit, expected})).rejects.toThrow('changed concurrently');
      expect(settingsOf(await gate.update(sessionId))).toMatchObject({room: 'a', old: '1'});
      const after = await gate.edit(sessionId, {...edit, expected: {room: 'a', old: '1', new: null}});
      expect(Object.entries(after.settings).sort()).toEqual([
        ['__proto__', 'p'],
        ['new', '2'],
        ['room', 'b'],
      ]);
      expect(settingsOf(await gate.update(sessionId))).toEqual(settingsOf(after));
      await expect(gate.edit('0000', {...edit, expected: {}})).rejects.toThrow('no session');
    });

    test('bind sets the user and returns the session; unbind keeps the settings', async () => {
      const {sessionId} = await world.join();
      const uid = aUser();
      await gate.set(sessionId, 'room', 'a');
      expect(await gate.bind(sessionId, uid)).toMatchObject({sessionId, userId: uid});
      const other = aUser();
      expect(await gate.bind(sessionId, other)).toMatchObject({userId: other});
      const unbound = await gate.unbind(sessionId);
      expect(unbound.userId).toBe('');
      expect(settingsOf(unbound)).toEqual({room: 'a'});
      expect(await gate.update(sessionId)).toEqual(unbound);
    });

    test('set, push and remove change the named settings only', async () => {
      const {sessionId} = await world.join();
      expect(settingsOf(await gate.set(sessionId, 'a', '1'))).toEqual({a: '1'});
      const pushed = await gate.push(
        sessionId,
        stringBag([
          ['b', '二'],
          ['a', ''],
        ]),
      );
      expect(settingsOf(pushed)).toEqual({a: '', b: '二'});
      expect(settingsOf(await gate.remove(sessionId, 'a'))).toEqual({b: '二'});
      expect(settingsOf(await gate.remove(sessionId, 'never'))).toEqual({b: '二'});
      const odd = stringBag([
        ['__proto__', 'x'],
        ['constructor', 'y'],
        ['', 'empty'],
      ]);
      expect(Object.entries(settingsOf(await gate.push(sessionId, odd))).sort()).toEqual(
        [
          ['', 'empty'],
          ['__proto__', 'x'],
          ['b', '二'],
          ['constructor', 'y'],
        ].sort(),
      );
    });

    test("bind restores stored settings; the connection's own settings win", async () => {
      const uid = aUser();
      const first = await world.join();
      await gate.bind(first.sessionId, uid);
      await gate.push(
        first.sessionId,
        stringBag([
          ['level', '41'],
          ['room', 'zion'],
        ]),
      );
      const second = await world.join();
      await gate.set(second.sessionId, 'room', 'here');
      const bound = await gate.bind(second.sessionId, uid);
      expect(settingsOf(bound)).toEqual({level: '41', room: 'here'});
    });

    test('send reaches its client', async () => {
      const client = await world.join();
      const received = client.next('/a/b');
      await gate.send(client.sessionId, '/a/b', body('你好'));
      expect(await received).toBe('你好');
    });

    test('sendBatch reaches connected clients and returns their number', async () => {
      const clients = [await world.join(), await world.join()];
      const received = clients.map((client) => client.next('/batch'));
      const ids = [...clients.map(({sessionId}) => sessionId), 'ffffffffffffffff'];
      expect(await gate.sendBatch(ids, '/batch', body('x'))).toBe(2);
      expect(await Promise.all(received)).toEqual(['x', 'x']);
      expect(await gate.sendBatch(['ffffffffffffffff'], '/batch', body('x'))).toBe(0);
    });

    test('broadcast reaches all clients', async () => {
      const clients = [await world.join(), await world.join()];
      const received = clients.map((client) => client.next('/all'));
      expect(await gate.broadcast('/all', body('x'))).toBeGreaterThanOrEqual(2);
      expect(await Promise.all(received)).toEqual(['x', 'x']);
    });

    test('deliver reports a delivery for each session, or that it is missing', async () => {
      if (world.stock === true) return;
      const client = await world.join();
      const received = client.next('a/confirmed');
      const query = {sessions: [client.sessionId, 'ffffffffffffffff'], topic: 'a/confirmed', waitMs: 5000};
      if (world.delivers === false)
        return await expect(gate.deliver(query, body('x'))).rejects.toMatchObject({reason: 'unsupported'});
      expect(await gate.deliver(query, body('x'))).toEqual([{state: 'acknowledged'}, {state: 'gone'}]);
      expect(await received).toBe('x');
      expect(await gate.deliver({...query, sessions: []}, body('x'))).toEqual([]);
      await expect(gate.deliver({...query, topic: 'a/#'}, body('x'))).rejects.toThrow('wildcard');
    });

    test('isConnect reports connected users', async () => {
      const {sessionId} = await world.join();
      const uid = aUser();
      expect(await gate.isConnect(uid)).toBe(false);
      await gate.bind(sessionId, uid);
      expect(await gate.isConnect(uid)).toBe(true);
    });

    test('C10: ping is answered', async () => {
      await gate.ping();
    });

    test('close disconnects and removes the session', async () => {
      const client = await world.join();
      await gate.close(client.sessionId);
      await client.closed();
      await expect
        .poll(() => gate.update(client.sessionId).catch((error) => error))
        .toBeInstanceOf(NoSessionError);
    });

    test('functions reject an unknown session', async () => {
      const none = 'ffffffffffffffff';
      const calls = [
        gate.update(none),
        gate.bind(none, 'u'),
        gate.unbind(none),
        gate.set(none, 'a', 'b'),
        gate.push(none, stringBag([['a', 'b']])),
        gate.remove(none, 'a'),
        gate.send(none, '/t', body('x')),
        gate.close(none),
      ];
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({status: 'rejected', reason: {sessionId: none}});
        expect((call as PromiseRejectedResult).reason).toBeInstanceOf(NoSessionError);
      }
    });

    test('the extension exists or is reported as missing', async () => {
      const client = await world.join();
      const uid = aUser();
      await gate.bind(client.sessionId, uid);
      await gate.set(client.sessionId, 'room', 'a');
      if (world.stock === true) return await expectUnsupported(gate);
      const info = await gate.info();
      expect(info).toMatchObject({
        nodeId: gate.nodeId,
        protocol: 1,
        storage: {get: true, delete: true, list: true},
      });
      expect(info.health?.heapBytes).toBeGreaterThan(0);
      for (const [name, value] of Object.entries(info.health ?? {})) expect(value, name).toBeTypeOf('number');
      expect(await gate.count()).toEqual({sessions: info.sessions, bound: info.bound});
      const [found, ...others] = await gate.find(uid);
      expect(found?.observedAt ?? 0, 'the gate says when').toBeGreaterThan(0);
      expect(others).toEqual([]);
      expect(found?.session).toEqual(await gate.update(client.sessionId));
      expect(await gate.find(`no ${uid}`)).toEqual([]);
    });

    test('connections returns the named sessions, or those with waiting packets', async () => {
      if (world.stock === true) return;
      const {sessionId} = await world.join();
      const uid = aUser();
      await gate.bind(sessionId, uid);
      const {rows, now = 0} = await gate.connections({sessions: ['ffffffffffffffff', sessionId]});
      expect(now).toBeGreaterThan(0);
      expect(rows.map(({session}) => session)).toEqual([await gate.update(sessionId)]);
      expect(rows[0]?.connectionState).toMatchObject({waitingBytes: 0});
      const stuck = await gate.connections({limit: 2, sort: 'oldest'});
      expect(stuck.sorted).toBe(true);
      expect(stuck.rows.filter((row) => row.session.sessionId === sessionId)).toEqual([]);
    });

    test('list returns every session once, however small the pages', async () => {
      if (world.stock === true) return;
      const joined = new Set<string>();
      for (let at = 0; at < 5; at += 1) joined.add((await world.join()).sessionId);
      const seen: string[] = [];
      let after = '';
      do {
        const page = await gate.list({after, limit: 2});
        expect(page.rows.length).toBeLessThanOrEqual(2);
        seen.push(...page.rows.map(({session}) => session.sessionId));
        after = page.next;
      } while (after !== '');
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining([...joined]));
    });

    test('list ends with the sessions of its start, however many connect meanwhile', async () => {
      if (world.stock === true) return;
      const {sessionId: newest} = await world.join();
      const later: string[] = [];
      const seen: string[] = [];
      let after = '';
      do {
        const page = await gate.list({after, limit: 2});
        seen.push(...page.rows.map(({session}) => session.sessionId));
        if (later.length < 4) later.push((await world.join()).sessionId, (await world.join()).sessionId);
        after = page.next;
      } while (after !== '');
      expect(seen).toContain(newest);
      expect(seen.filter((id) => later.includes(id))).toEqual([]);
    });

    test('list with a selector returns matching sessions once, or reports that it did not filter', async () => {
      if (world.stock === true) return;
      const wanted = new Set<string>();
      for (let at = 0; at < 6; at += 1) {
        const {sessionId} = await world.join();
        await gate.set(sessionId, 'parity', at % 2 === 0 ? 'even' : 'odd');
        if (at % 2 === 0) wanted.add(sessionId);
      }
      const where = `settings.parity == "even" && age >= duration("0s") && gate == ${JSON.stringify(gate.nodeId)}`;
      const seen: string[] = [];
      let after = '';
      let isFiltered = true;
      do {
        const {rows, next, now = 0, filtered} = await gate.list({after, limit: 2, where});
        expect({filtered: filtered ?? false, hasClock: now > 0}).toEqual({filtered: filters, hasClock: true});
        seen.push(...rows.map(({session}) => session.sessionId));
        isFiltered &&= filtered === true;
        after = next;
      } while (after !== '');
      if (!isFiltered) return expect(seen).toEqual(expect.arrayContaining([...wanted]));
      expect(seen.sort()).toEqual([...wanted].sort());
      await expect(gate.list({where: 'uidd == "x"'})).rejects.toThrow('unknown field');
    });

    test('count filters and groups, or reports that it did not', async () => {
      if (world.stock === true) return;
      const before = await gate.count({where: '"team" in settings', by: 'settings.team'});
      if (before.filtered !== true) return; // the fake and the add-on: what asks must count itself
      for (const team of ['red', 'red', 'blue']) {
        const {sessionId} = await world.join();
        await gate.set(sessionId, 'team', team);
        if (team === 'blue') await gate.bind(sessionId, aUser());
      }
      expect(await gate.count({where: '"team" in settings', by: 'settings.team'})).toEqual({
        sessions: 3,
        bound: 1,
        filtered: true,
        groups: [
          {key: 'red', sessions: 2, bound: 0},
          {key: 'blue', sessions: 1, bound: 1},
        ],
      });
      await expect(gate.count({by: 'colour'})).rejects.toThrow('cannot group by');
    });

    test('list sorts the first of an order into one page, or reports that it did not', async () => {
      if (world.stock === true) return;
      for (const rank of ['c', 'a', 'b']) {
        const {sessionId} = await world.join();
        await gate.set(sessionId, 'rank', rank);
      }
      const page = await gate.list({sort: 'settings.rank', limit: 2, where: '"rank" in settings'});
      if (page.sorted !== true) return;
      expect(page.rows.map(({session}) => session.settings['rank'])).toEqual(['a', 'b']);
      expect(page).toMatchObject({next: '', filtered: true});
      const turned = await gate.list({sort: '-settings.rank', limit: 1, where: '"rank" in settings'});
      expect(turned.rows.map(({session}) => session.settings['rank'])).toEqual(['c']);
    });

    test('stats increase', async () => {
      if (world.stock === true) return;
      const before = await gate.stats();
      const {sessionId} = await world.join();
      await gate.send(sessionId, 'a/topic', body('x'));
      const after = await gate.stats();
      expect(after.connects).toBe(before.connects + 1);
      expect(after.sent).toBeGreaterThan(before.sent);
      expect(after.sessions).toBe(before.sessions + 1);
      expect(after.health?.heapBytes).toBeGreaterThan(0);
    });

    test('a draining gate refuses clients and keeps its sessions, until it is resumed', async () => {
      if (world.stock === true) return;
      const client = await world.join();
      const {sessions} = await gate.stats();
      expect(await gate.setDraining(true)).toEqual({state: 'draining', sessions});
      expect(await gate.info()).toMatchObject({state: 'draining'});
      await expect(world.join()).rejects.toThrow();
      expect(await gate.update(client.sessionId)).toMatchObject({sessionId: client.sessionId});
      expect(await gate.stats()).toMatchObject({state: 'draining', sessions});
      await gate.close(client.sessionId);
      await client.closed();
      expect(await gate.setDraining(false)).toMatchObject({state: 'serving'});
      expect(await gate.stats()).toMatchObject({state: 'serving'});
      await world.join();
    });

    test('watch sends numbered events in order, for selected sessions only', async () => {
      if (world.listen === undefined) return;
      const [all, some]: ReturnType<typeof decodeEventPage>[][] = [[], []];
      world.listen('_INBOX.contract.all', (bytes) => all?.push(decodeEventPage(bytes)));
      world.listen('_INBOX.contract.some', (bytes) => some?.push(decodeEventPage(bytes)));
      const first = await gate.watch({inbox: '_INBOX.contract.all', leaseMs: 10_000});
      const where = '"watched" in settings';
      const {filtered = false} = await gate.watch({inbox: '_INBOX.contract.some', leaseMs: 10_000, where});
      expect(filtered).toBe(filters);
      expect(first).toMatchObject({next: 1, leaseMs: 10_000});
      const {sessionId} = await world.join();
      const uid = aUser();
      await gate.bind(sessionId, uid);
      await gate.set(sessionId, 'watched', '1');
      await gate.remove(sessionId, 'watched');
      await gate.unbind(sessionId);
      await gate.close(sessionId);
      const heard = (pages: typeof all = []) =>
        pages
          .flatMap(({events}) => events)
          .filter(({session}) => session.sessionId === sessionId)
          .map(({kind, uidBefore, keys}) => ({kind, uidBefore, keys}));
      await until(() => heard(all).some(({kind}) => kind === 'closed'), {what: 'all of it'});
      const wanted = filters ? 2 : heard(all).length;
      await until(() => heard(some).length >= wanted, {what: 'what was asked for'});
      expect(heard(all)).toEqual([
        {kind: 'connected', uidBefore: '', keys: []},
        {kind: 'bound', uidBefore: '', keys: []},
        {kind: 'settings', uidBefore: uid, keys: ['watched']},
        {kind: 'settings', uidBefore: uid, keys: ['watched']},
        {kind: 'unbound', uidBefore: uid, keys: []},
        {kind: 'closed', uidBefore: '', keys: []},
      ]);
      if (filters) expect(heard(some).map(({kind}) => kind)).toEqual(['settings', 'settings']);
      else expect(heard(some)).toEqual(heard(all));
      let next = 1;
      for (const page of all ?? []) {
        expect(page).toMatchObject({feed: first.feed, first: next});
        next += page.events.length;
      }
      expect(await gate.watch({inbox: '_INBOX.contract.all', leaseMs: 10_000})).toMatchObject({
        feed: first.feed,
        next,
      });
      for (const inbox of ['', 'a b', 'a.>', '$SYS.x', 'mqant.gate.Gate.a'])
        await expect(gate.watch({inbox, leaseMs: 1000})).rejects.toThrow('invalid inbox');
    });

    test('records are read, listed and deleted, with an optional revision', async () => {
      if (world.stock === true) return;
      const {sessionId} = await world.join();
      const uid = aUser();
      expect(await gate.recordGet(uid)).toBeUndefined();
      expect(await gate.recordDelete(uid)).toBe(false);
      await gate.bind(sessionId, uid);
      await gate.set(sessionId, 'room', 'a');
      const record = await gate.recordGet(uid);
      expect(record?.uid).toBe(uid);
      expect(settingsOf(decodeSession(record?.value ?? body('')))).toEqual({room: 'a'});
      const uids: string[] = [];
      let after = '';
      do {
        const page = await gate.recordList({after});
        uids.push(...page.records.map((one) => one.uid));
        after = page.next;
      } while (after !== '');
      expect(uids.filter((one) => one === uid)).toEqual([uid]);
      await expect(gate.recordDelete(uid, 'another revision')).rejects.toBeInstanceOf(ConflictError);
      expect(await gate.recordDelete(uid, record?.revision)).toBe(true);
      expect(await gate.recordGet(uid)).toBeUndefined();
    });
  });
}

async function expectUnsupported(gate: GateApi): Promise<void> {
  const calls = [
    gate.info(),
    gate.list({}),
    gate.find('u'),
    gate.connections({}),
    gate.count(),
    gate.stats(),
    gate.watch({inbox: '_INBOX.a', leaseMs: 1000}),
    gate.setDraining(true),
    gate.deliver({sessions: [], topic: 't', waitMs: 1}, body('')),
    gate.recordGet('u'),
    gate.recordDelete('u'),
    gate.recordList({}),
  ];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({status: 'rejected', reason: {reason: 'unsupported', node: gate.nodeId}});
    expect((call as PromiseRejectedResult).reason).toBeInstanceOf(CallError);
  }
}
