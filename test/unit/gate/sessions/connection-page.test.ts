import {expect, test} from 'vitest';
import {encodeConnectionPage} from '../../../../src/gate/sessions/connection-page.js';
import {LiveSession, type SessionConnection} from '../../../../src/gate/sessions/live-session.js';
import {SessionTable} from '../../../../src/gate/sessions/session-table.js';
import {parseSelector} from '../../../../src/selector/selector.js';
import {decodeSessionPage} from '../../../../src/session/codec/session-page.js';
import type {ConnectionState, ConnectionsQuery} from '../../../../src/session/connection-state.js';
import {aSession} from '../../../support/fake-gate.js';

const now = 100_000;

class Sessions {
  readonly table = new SessionTable();

  add(id: string, state: ConnectionState, closed = false): void {
    const connection = {closed, waitingBytes: state.waitingBytes ?? 0, state: () => state};
    const session = aSession({sessionId: id, userId: `u-${id}`});
    this.table.add(new LiveSession(session, connection as unknown as SessionConnection, 1));
  }

  async page(query: ConnectionsQuery, {limitBytes = 512 * 1024, where = ''} = {}) {
    const deps = {table: this.table, nodeId: 'Gate@a', limitBytes, now: () => now};
    const selector = where === '' ? undefined : await parseSelector(where);
    const bytes = await encodeConnectionPage(deps, query, selector);
    expect(bytes.length).toBeLessThanOrEqual(limitBytes);
    return decodeSessionPage(bytes);
  }

  async ids(query: ConnectionsQuery, options = {}): Promise<readonly string[]> {
    return (await this.page(query, options)).rows.map(({session}) => session.sessionId);
  }
}

function some(): Sessions {
  const sessions = new Sessions();
  sessions.add('reads', {waitingBytes: 0});
  sessions.add('small', {waitingBytes: 1, oldestWaitingAt: 10_000});
  sessions.add('large', {waitingBytes: 900, oldestWaitingAt: 90_000});
  sessions.add('left', {waitingBytes: 5_000, oldestWaitingAt: 1}, true);
  sessions.add('medium', {waitingBytes: 50, oldestWaitingAt: 50_000});
  return sessions;
}

test('sorts stuck sessions by waiting bytes or by age', async () => {
  expect(await some().ids({})).toEqual(['large', 'medium', 'small']);
  expect(await some().ids({sort: 'oldest'})).toEqual(['small', 'medium', 'large']);
  expect(await some().ids({sort: 'oldest', limit: 3})).toEqual(['small', 'medium']); // one left meanwhile
  const page = await some().page({}, {where: 'uid != "u-large"'});
  expect(page).toMatchObject({filtered: true, sorted: true, now, next: ''});
  expect(page.rows).toHaveLength(2);
});

test('returns named sessions in the given order, without unknown ones', async () => {
  expect(await some().ids({sessions: ['small', 'none', 'reads', 'left']})).toEqual(['small', 'reads']);
  expect(await some().ids({sessions: []})).toEqual([]);
});

test('a page ends before the first row that does not fit', async () => {
  const sessions = new Sessions();
  for (let at = 1000; at < 1250; at += 1) sessions.add(String(at), {waitingBytes: 3000 - at});
  expect(await sessions.ids({})).toHaveLength(250);
  const ids = await sessions.ids({}, {limitBytes: 4096});
  expect(ids.length).toBeGreaterThan(20);
  expect(ids).toEqual(Array.from(ids, (_, at) => String(1000 + at)));
});

test('examines no row after the page is full, and lets the event loop run', async () => {
  const sessions = new Sessions();
  const asked: string[] = [];
  for (let at = 1000; at < 1200; at += 1) {
    const state = () => {
      asked.push(String(at));
      const until = performance.now() + 0.5;
      while (performance.now() < until); // a client with many subscriptions
      return {waitingBytes: 3000 - at};
    };
    const connection = {closed: false, waitingBytes: 1, state} as unknown as SessionConnection;
    sessions.table.add(new LiveSession(aSession({sessionId: String(at)}), connection, 1));
  }
  const named = Array.from({length: 200}, (_, at) => String(1000 + at));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (turns < 1000) setImmediate(count);
  };
  setImmediate(count);
  expect(await sessions.ids({sessions: named})).toHaveLength(200);
  expect(turns).toBeGreaterThan(20); // 100 ms in turns of 2 ms
  asked.length = 0;
  const ids = await sessions.ids({sessions: named}, {limitBytes: 4096});
  expect(asked.length - ids.length).toBeLessThanOrEqual(1);
});

test('a row that does not fit is sent without its subscriptions', async () => {
  const sessions = new Sessions();
  const subscriptions = Array.from({length: 50}, () => ({filter: 'x'.repeat(100), qos: 0}));
  sessions.add('a', {waitingBytes: 0, subscriptionCount: 50, subscriptions});
  const query = {sessions: ['a'], subscriptions: true};
  expect((await sessions.page(query)).rows[0]?.connectionState?.subscriptions).toEqual(subscriptions);
  const cut = await sessions.page(query, {limitBytes: 4096});
  expect(cut.rows[0]?.connectionState).toEqual({waitingBytes: 0, subscriptionCount: 50});
});
