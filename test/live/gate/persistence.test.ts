import {describe, expect, test} from 'vitest';
import {decodeSession} from '../../../src/session/codec/session-protobuf.js';
import type {StorageHandler} from '../../../src/storage/storage-handler.js';
import {until} from '../../support/poll.js';
import {ask, sessionIdOf, startTestGate} from '../../support/test-gate.js';

/** Every call of a handler, and a way to make it fail or hang. */
function spyStore() {
  const calls: string[] = [];
  let fault: (() => Promise<never>) | undefined;
  const values = new Map<string, Uint8Array>();
  const note = async (call: string) => {
    calls.push(call);
    await fault?.();
  };
  const storage: StorageHandler = {
    store: async (session) => note(`store ${session.userId} ${JSON.stringify(session.settings)}`),
    query: async (userId) => {
      await note(`query ${userId}`);
      return values.get(userId);
    },
    delete: async (userId) => {
      await note(`delete ${userId}`);
      return true;
    },
    heartbeat: async (session) => note(`heartbeat ${session.userId}`),
  };
  return {
    calls,
    values,
    storage,
    fail(with_: (() => Promise<never>) | undefined) {
      fault = with_;
    },
  };
}

describe('a storage handler', () => {
  test('is called like by mqant: on bind, set, push and remove while bound', async () => {
    const {calls, storage} = spyStore();
    await using it = await startTestGate({storage});
    const client = await it.client();
    const id = await sessionIdOf(client);
    const {api} = it.gate;
    await api.set(id, 'a', '1');
    await api.bind(id, 'u1');
    await api.set(id, 'b', '2');
    await api.remove(id, 'a');
    await api.unbind(id);
    await api.set(id, 'c', '3');
    await client.endAsync();
    expect(calls).toEqual([
      'query u1',
      'store u1 {"a":"1"}',
      'store u1 {"a":"1","b":"2"}',
      'store u1 {"b":"2"}',
    ]);
  });

  test("restores settings of a returning user; the connection's own settings win", async () => {
    await using it = await startTestGate();
    const {api} = it.gate;
    const first = await it.client();
    await api.push(await sessionIdOf(first), {room: 'mqant', level: '9'});
    await api.bind(await sessionIdOf(first), 'u1');
    await first.endAsync();
    const second = await it.client();
    const id = await sessionIdOf(second);
    await api.set(id, 'level', '1');
    expect((await api.bind(id, 'u1')).settings).toMatchObject({room: 'mqant', level: '1'});
    const record = await api.recordGet('u1');
    expect(decodeSession(record?.value ?? new Uint8Array()).settings).toMatchObject({
      room: 'mqant',
      level: '1',
    });
  });

  test('gets a heartbeat at most once an interval, for bound sessions only', async () => {
    const {calls, storage} = spyStore();
    let now = 1_000_000;
    await using it = await startTestGate({storage, now: () => now, limits: {heartbeatMs: 1000}});
    const client = await it.client();
    const id = await sessionIdOf(client);
    now += 2000;
    await ask(client, 'HelloWorld/HD_whoami/1', '{}');
    await it.gate.api.bind(id, 'u1');
    now += 2000;
    for (const turn of [2, 3, 4]) await ask(client, `HelloWorld/HD_whoami/${turn}`, '{}');
    expect(calls.filter((call) => call.startsWith('heartbeat'))).toEqual(['heartbeat u1']);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('disk is full'))],
    ['hangs', () => new Promise<never>(() => {})],
  ])('that %s delays neither calls nor clients, and is logged', async (_, fault) => {
    const {storage, fail} = spyStore();
    await using it = await startTestGate({storage, limits: {storageTimeoutMs: 60}});
    const client = await it.client();
    const id = await sessionIdOf(client);
    fail(fault);
    expect((await it.gate.api.bind(id, 'u1')).userId).toBe('u1');
    expect((await it.gate.api.set(id, 'a', '1')).settings['a']).toBe('1');
    expect((await ask(client, 'HelloWorld/HD_say/1', '{"name":"neo"}')).Error).toBe('');
    await until(() => it.log.some((line) => line.startsWith('storage: store of uid "u1" failed')));
  });

  test('logs invalid sessions and does not restore them', async () => {
    const {values, storage} = spyStore();
    values.set('u1', Buffer.from('not protobuf'));
    await using it = await startTestGate({storage});
    const id = await sessionIdOf(await it.client());
    expect((await it.gate.api.bind(id, 'u1')).userId).toBe('u1');
    expect(it.log.join('\n')).toContain('storage: query of uid "u1" failed');
  });

  test("rejects text that can't be encoded", async () => {
    await using it = await startTestGate();
    const id = await sessionIdOf(await it.client());
    const {api} = it.gate;
    await expect(async () => api.set(id, 'a', '\ud800')).rejects.toThrow('not valid UTF-8');
    await expect(async () => api.bind(id, '\udc00x')).rejects.toThrow('not valid UTF-8');
    const big = 'x'.repeat(60_000);
    await expect(async () => {
      for (let key = 0; key < 20; key += 1) await api.set(id, `k${key}`, big);
    }).rejects.toThrow('that can be sent');
    expect((await api.update(id)).settings['k0']).toBe(big);
  });
});
