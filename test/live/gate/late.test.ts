import {expect, test} from 'vitest';
import {decodeSession} from '../../../src/session/codec/session-protobuf.js';
import {MemoryStore} from '../../../src/storage/memory-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {until} from '../../support/poll.js';
import {sessionIdOf, startTestGate} from '../../support/test-gate.js';

/** The way of one gate to a store that both share; it can be cut. */
function lineTo(store: RecordStore): {readonly line: RecordStore; cut: boolean} {
  const state = {cut: false, line: store};
  state.line = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (state.cut) throw new Error('the network is down');
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return state;
}

test('G15: merges a late write into the record of a user who moved to another gate', async () => {
  const store = new MemoryStore();
  const [first, second] = [lineTo(store), lineTo(store)];
  await using one = await startTestGate({id: 'g1', storage: first.line, limits: {storageTimeoutMs: 100}});
  await using two = await startTestGate({id: 'g2', storage: second.line});
  first.cut = true;
  const before = await one.client();
  const old = await sessionIdOf(before);
  await one.gate.api.bind(old, 'neo');
  await one.gate.api.push(old, {n: '5', x: '1'});
  await before.endAsync();
  const after = await sessionIdOf(await two.client());
  await two.gate.api.bind(after, 'neo');
  await two.gate.api.set(after, 'n', '7');
  first.cut = false;
  await until(async () => (await one.gate.api.info()).storage.dirty === 0);
  const record = async () => decodeSession((await store.get('neo'))?.value ?? Buffer.from([0xff]));
  expect({...(await record()).settings}).toEqual({n: '7', x: '1'});
  expect((await record()).sessionId).toBe(after);
  await two.gate.api.set(after, 'n', '8');
  expect((await record()).settings['n']).toBe('8');
});

test('stores a late write when the user has not reconnected', async () => {
  const store = new MemoryStore();
  const [first, second] = [lineTo(store), lineTo(store)];
  await using two = await startTestGate({id: 'g2', storage: second.line});
  const older = await two.client();
  const id = await sessionIdOf(older);
  await two.gate.api.bind(id, 'neo');
  await two.gate.api.set(id, 'n', '1');
  await older.endAsync();
  await using one = await startTestGate({id: 'g1', storage: first.line, limits: {storageTimeoutMs: 100}});
  first.cut = true;
  const client = await one.client();
  const newer = await sessionIdOf(client);
  await one.gate.api.bind(newer, 'neo');
  await one.gate.api.set(newer, 'n', '2');
  await client.endAsync();
  first.cut = false;
  await until(async () => (await one.gate.api.info()).storage.dirty === 0);
  expect(decodeSession((await store.get('neo'))?.value ?? Buffer.from([0xff])).settings['n']).toBe('2');
});
