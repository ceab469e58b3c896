import {describe, expect, test} from 'vitest';
import type {ConnectionState} from '../../../src/session/connection-state.js';
import {FakeBus} from '../../support/fake-bus.js';
import {until} from '../../support/poll.js';
import {sessionIdOf, startTestGate, type TestGate} from '../../support/test-gate.js';

async function stateOf({gate}: TestGate, id: string, query = {}): Promise<ConnectionState> {
  const {rows} = await gate.api.connections({sessions: [id], ...query});
  return rows[0]?.connectionState ?? {};
}

/** Sends until the system takes no more and bytes wait in the gate. */
async function stall({gate}: TestGate, id: string): Promise<void> {
  const body = Buffer.alloc(128 * 1024, 1);
  await until(
    async () => {
      await gate.api.send(id, 'news', body);
      await new Promise(setImmediate);
      return ((await gate.api.connections({})).rows[0]?.connectionState?.waitingBytes ?? 0) > 0;
    },
    {what: 'bytes to wait', timeoutMs: 60_000},
  );
}

describe('a client that does not read', () => {
  test.each([false, true])('over WebSocket: %s: is the most stuck until it reads again', async (ws) => {
    await using it = await startTestGate({limits: {queueBytes: 64 * 1024 * 1024}});
    const client = await it.client({ws, keepalive: 30});
    const reader = await it.client();
    const id = await sessionIdOf(client);
    expect(await stateOf(it, id)).toMatchObject({waitingBytes: 0, waitingPackets: 0});
    client.stream.pause();
    const socket = (client.stream as {_socket?: {pause(): void; resume(): void}})._socket;
    socket?.pause();
    await stall(it, id);
    const first = await stateOf(it, id);
    for (let at = 0; at < 3; at += 1) await it.gate.api.send(id, 'news', Buffer.alloc(1000));
    await it.gate.api.send(await sessionIdOf(reader), 'news', Buffer.alloc(1000));
    const {rows, sorted, now = 0} = await it.gate.api.connections({limit: 1});
    expect(sorted).toBe(true);
    expect(rows.map(({session}) => session.sessionId)).toEqual([id]);
    const {
      waitingBytes = 0,
      waitingPackets = 0,
      oldestWaitingAt = 0,
      lastSentAt = 0,
    } = rows[0]?.connectionState ?? {};
    expect(waitingBytes).toBeGreaterThanOrEqual((first.waitingBytes ?? 0) + 3000);
    expect(waitingPackets).toBeGreaterThanOrEqual((first.waitingPackets ?? 0) + 3);
    expect(oldestWaitingAt).toBeGreaterThan(0);
    expect(oldestWaitingAt).toBeLessThanOrEqual(now);
    expect(lastSentAt).toBeLessThanOrEqual(oldestWaitingAt);
    client.stream.resume();
    socket?.resume();
    await until(async () => (await stateOf(it, id)).waitingBytes === 0, {what: 'the queue to empty'});
    expect((await it.gate.api.connections({})).rows).toEqual([]);
  });

  test('is filtered by a selector of the query', async () => {
    await using it = await startTestGate({limits: {queueBytes: 64 * 1024 * 1024}});
    const client = await it.client();
    const id = await sessionIdOf(client);
    await it.gate.api.set(id, 'room', 'a');
    client.stream.pause();
    await stall(it, id);
    const count = async (where: string) => {
      const {rows, filtered} = await it.gate.api.connections({where});
      expect(filtered).toBe(true);
      return rows.length;
    };
    expect(await count('settings.room == "a"')).toBe(1);
    expect(await count('settings.room == "b"')).toBe(0);
    client.stream.resume();
  });
});

test('the keep-alive ends later after each packet, and is absent without one', async () => {
  await using it = await startTestGate();
  const client = await it.client({keepalive: 20});
  const id = await sessionIdOf(client);
  const {keepAliveEndsAt: first = 0} = await stateOf(it, id);
  expect(Math.abs(first - (Date.now() + 30_500))).toBeLessThan(5_000);
  const before = Date.now();
  await until(() => Date.now() > before);
  await sessionIdOf(client);
  expect((await stateOf(it, id)).keepAliveEndsAt).toBeGreaterThan(first);
  const without = await it.client({keepalive: 0});
  expect(await stateOf(it, await sessionIdOf(without))).not.toHaveProperty('keepAliveEndsAt');
});

test('subscriptions are returned when asked for, with the one that a topic needs', async () => {
  await using it = await startTestGate();
  const client = await it.client();
  const id = await sessionIdOf(client);
  expect(await stateOf(it, id, {topic: 'news', subscriptions: true})).toMatchObject({
    subscribed: false,
    subscriptionCount: 0,
    subscriptions: [],
  });
  await client.subscribeAsync({'room/+': {qos: 0}, 'chat/#': {qos: 1}});
  expect(await stateOf(it, id, {topic: 'room/5', subscriptions: true})).toMatchObject({
    subscribed: true,
    subscriptionCount: 2,
    subscriptions: [
      {filter: 'room/+', qos: 0},
      {filter: 'chat/#', qos: 1},
    ],
  });
  const plain = await stateOf(it, id, {topic: 'room'});
  expect(plain).toMatchObject({subscribed: false, subscriptionCount: 2});
  expect(plain).not.toHaveProperty('subscriptions');
});

test('many filters that do not fit into a reply are counted', async () => {
  const bus = new FakeBus();
  bus.maxPayloadBytes = 64 * 1024;
  await using it = await startTestGate({bus});
  const client = await it.client();
  const id = await sessionIdOf(client);
  const filters = Array.from({length: 150}, (_, at) => `${at}/${'房'.repeat(300)}`);
  for (const filter of filters) await client.subscribeAsync(filter, {qos: 1});
  const state = await stateOf(it, id, {subscriptions: true});
  expect(state.subscriptionCount).toBe(150);
  expect(state).not.toHaveProperty('subscriptions');
});
