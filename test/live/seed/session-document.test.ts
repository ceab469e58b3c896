import {afterEach, describe, expect, test} from 'vitest';
import {decodeCall} from '../../../src/bus/rpc/envelope.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import type {Handlers} from '../../../src/module/handler-types.js';
import type {RemoteSession} from '../../../src/module/remote-session.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {setGuestRule} from '../../../src/session/session.js';
import type {StorageHandler} from '../../../src/storage/storage-handler.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {until} from '../../support/poll.js';
import {ask, closed, nextMessage, startTestGate, type TestGate} from '../../support/test-gate.js';

/** The session of the request that is being served, for the test to use as a backend does. */
let held: RemoteSession | undefined;

const handlers: Handlers = {
  // the document's own handler, with the name that clients may reach
  async HD_gatesay(session, body) {
    const {name} = body as {readonly name: string};
    await session.send('/gate/send/test', `send hi to ${name}`);
    return `hi ${name} 你在网关 ${session.serverId}`;
  },
  HD_hold(session) {
    held = session;
    return 'held';
  },
};

/** Calls of a function that went to the gate. */
function callsOf(it: TestGate, fn: string): number {
  return it.bus.published
    .filter(({subject}) => subject === `mqant.gate.Gate.g1.${fn}` || subject === 'mqant.gate.Gate.g1')
    .filter(({data}) => decodeCall(Buffer.from(data)).fn === fn).length;
}

async function join(it: TestGate, options: {readonly ws?: boolean} = {}) {
  const client = await it.client(options);
  await ask(client, 'HelloWorld/HD_hold/1', '{}');
  if (held === undefined) throw new Error('the handler was not called');
  return {client, session: held};
}

/** Notes every call, and keeps records in a Map. */
function listener() {
  const calls: string[] = [];
  const values = new Map<string, Uint8Array>();
  const handler: StorageHandler = {
    async store(session) {
      calls.push('Storage');
      values.set(session.userId, encodeSession(session));
    },
    async delete(userId) {
      calls.push('Delete');
      return values.delete(userId);
    },
    async query(userId) {
      calls.push('Query');
      return values.get(userId);
    },
    async heartbeat() {
      calls.push('Heartbeat');
    },
  };
  return {calls, values, handler};
}

afterEach(() => {
  held = undefined;
  setGuestRule(undefined);
});

describe('the session, as its document describes it', () => {
  test('S01 网关会将session放在第一个参数: the session is the first argument of a handler', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    expect(session.serverId).toBe('Gate@g1');
    expect(session.topic).toBe('HelloWorld/HD_hold/1');
  });

  test('S02 gatesay: the handler of the document pushes and answers', async () => {
    await using it = await startTestGate({handlers});
    const client = await it.client();
    const pushed = nextMessage(client, '/gate/send/test');
    expect(await ask(client, 'HelloWorld/HD_gatesay/1', '{"name":"老王"}')).toMatchObject({
      Error: '',
      Result: 'hi 老王 你在网关 Gate@g1',
    });
    expect((await pushed).toString()).toBe('send hi to 老王');
  });

  test('S03 代表客户端跟网关建立的一条连接: one session for each connection', async () => {
    await using it = await startTestGate({handlers});
    const ids = [(await join(it)).session.sessionId, (await join(it)).session.sessionId];
    expect(new Set(ids).size).toBe(2);
    expect(await it.gate.api.count()).toMatchObject({sessions: 2});
  });

  test('S04 Userid 默认为"": empty until bound, then what other modules judge by', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    expect(session.userId).toBe('');
    await session.bind('userId');
    await ask(client, 'HelloWorld/HD_hold/2', '{}');
    expect(held?.userId).toBe('userId');
  });

  test('S05 IP: the address of the client', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    const local = (client.stream as unknown as {readonly localPort: number}).localPort;
    expect(session.ip).toBe(`127.0.0.1:${local}`);
    expect((await join(it, {ws: true})).session.ip).toBe('127.0.0.1');
  });

  test('S06 Network: tcp or websocket', async () => {
    await using it = await startTestGate({handlers});
    expect((await join(it)).session.network).toBe('tcp');
    expect((await join(it, {ws: true})).session.network).toBe('websocket');
  });

  test('S07 Sessionid: made by the gate, in the form of mqant', async () => {
    await using it = await startTestGate({handlers});
    expect((await join(it)).session.sessionId).toMatch(/^[0-9a-f]{16}$/);
  });

  test('S08 Serverid: by it a backend calls the gate', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    const node = (await it.registry.nodes('Gate')).find(({id}) => id === session.serverId);
    expect(node?.address).toBe('mqant.gate.Gate.g1');
    expect(await session.isConnect('nobody')).toBe(false);
  });

  test('S09 Settings: a parameter of the connection, like roomName="mqant"', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    await session.setPush('roomName', 'mqant');
    await ask(client, 'HelloWorld/HD_hold/2', '{}');
    expect({...held?.settings}).toEqual({roomName: 'mqant'});
  });

  test('S10 Send: topic and body as MQTT has them, and the outcome is known', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    const body = Buffer.from([0, 1, 255, 254]);
    const received = nextMessage(client, '/gate/send/test');
    await session.send('/gate/send/test', body);
    expect(await received).toEqual(body);
    await expect(session.send('a/#', 'x')).rejects.toThrow('wildcard');
  });

  test('S11 SendNR: arrives too, does not wait, and learns nothing of a closed session', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    const received = nextMessage(client, '/gate/send/test');
    await session.sendNR('/gate/send/test', 'hi');
    expect((await received).toString()).toBe('hi');
    await client.endAsync();
    await until(async () => (await it.gate.api.count()).sessions === 0);
    await session.sendNR('/gate/send/test', 'hi');
    await expect(session.send('/gate/send/test', 'hi')).rejects.toThrow('no session');
  });

  test('S12 Bind: the session is tied to a user', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    await session.bind('userId');
    expect(session.userId).toBe('userId');
    expect(await session.isConnect('userId')).toBe(true);
    expect(await it.gate.api.update(session.sessionId)).toMatchObject({userId: 'userId'});
  });

  test('S13 SetPush: a setting on the gate', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    await session.setPush('key', 'value');
    expect((await it.gate.api.update(session.sessionId)).settings['key']).toBe('value');
  });

  test('S14 Get: a setting of the copy; load tells empty from missing', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    await session.setPush('empty', '');
    expect([session.get('empty'), session.get('none')]).toEqual(['', '']);
    expect([session.load('empty'), session.load('none')]).toEqual(['', undefined]);
  });

  test('S15 Push: takes the newest from the gate, as SetPush and SetBatch do', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    const {api} = it.gate;
    await api.set(session.sessionId, 'by', 'another');
    expect(session.load('by')).toBeUndefined();
    await session.push();
    expect(session.get('by')).toBe('another');
    await api.set(session.sessionId, 'by', 'a third');
    await session.setPush('mine', '1');
    expect(session.get('by')).toBe('a third');
    await api.set(session.sessionId, 'by', 'a fourth');
    await session.setBatch({mine: '2'});
    expect(session.get('by')).toBe('a fourth');
  });

  test('S16 SetBatch: each SetPush is a call, many settings in a batch are one; others stay', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    await session.setPush('a', '1');
    await session.setPush('b', '2');
    expect(callsOf(it, 'Push')).toBe(2);
    await session.setBatch({b: 'two', c: '3', d: '4'});
    expect(callsOf(it, 'Push')).toBe(3);
    expect({...session.settings}).toEqual({a: '1', b: 'two', c: '3', d: '4'});
  });

  test('S17 IsGuest: who has no user id', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    expect(session.isGuest()).toBe(true);
    await session.bind('userId');
    expect(session.isGuest()).toBe(false);
  });

  test('S18 gate.JudgeGuest: another rule, for the whole process, also for the session that a handler gets', async () => {
    await using it = await startTestGate({handlers});
    setGuestRule(({userId, settings}) => userId === '' && settings['trusted'] !== '1');
    const {client, session} = await join(it);
    expect(session.isGuest()).toBe(true);
    await session.setPush('trusted', '1');
    await ask(client, 'HelloWorld/HD_hold/2', '{}');
    expect(held?.isGuest()).toBe(false);
    expect(held?.clone().isGuest()).toBe(false);
  });

  test('S19 最新的信息都由网关维护: a copy that was not synchronized is old, and says nothing wrong to the gate', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    const old = session.clone();
    await session.setPush('level', '9');
    expect(old.load('level')).toBeUndefined();
    await old.setPush('room', 'a');
    expect((await it.gate.api.update(session.sessionId)).settings).toMatchObject({level: '9', room: 'a'});
    await old.update();
    expect(old.get('level')).toBe('9');
  });

  test('S20 时效性: with the connection the session is void', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    await client.endAsync();
    await until(async () => (await it.gate.api.count()).sessions === 0);
    await expect(session.update()).rejects.toThrow(`no session "${session.sessionId}"`);
    await expect(session.bind('u')).rejects.toThrow('no session');
    await expect(session.setPush('a', 'b')).rejects.toThrow('no session');
  });

  test('S21 不确定性: a reconnect, maybe to another gate, is another session; the one held before is void', async () => {
    await using it = await startTestGate({handlers});
    const {client, session} = await join(it);
    const second = await startGate({
      bus: it.bus,
      registry: it.registry,
      id: 'g2',
      tcp: {host: '127.0.0.1', port: 0},
      storage: it.store,
    });
    await using clients = new MqttClients();
    await client.endAsync();
    const again = await clients.open(`mqtt://127.0.0.1:${second.tcpPort}`);
    await ask(again, 'HelloWorld/HD_hold/1', '{}');
    expect(held?.serverId).toBe('Gate@g2');
    expect(held?.sessionId).not.toBe(session.sessionId);
    await until(async () => (await it.gate.api.count()).sessions === 0);
    await expect(session.send('/t', 'x')).rejects.toThrow('no session');
    await second.stop({drainMs: 0});
  });

  test('S22 可序列化: from its bytes it is made again, and works', async () => {
    await using it = await startTestGate({handlers});
    const {session} = await join(it);
    const again = it.module.restoreSession(session.serialize());
    expect(again.sessionId).toBe(session.sessionId);
    await again.setPush('a', '1');
    await session.update();
    expect(session.get('a')).toBe('1');
  });

  test('S23 持久化: who reconnects finds his settings again', async () => {
    const {handler} = listener();
    await using it = await startTestGate({handlers, storage: handler});
    const first = await join(it);
    await first.session.bind('u1');
    await first.session.setBatch({level: '9', roomName: 'mqant'});
    await first.client.endAsync();
    const second = await join(it);
    expect({...second.session.settings}).toEqual({});
    await second.session.bind('u1');
    expect({...second.session.settings}).toEqual({level: '9', roomName: 'mqant'});
  });

  test('S24 需要开发者自己来实现: without a handler nothing is kept, and everything else works', async () => {
    await using it = await startTestGate({handlers, storage: undefined});
    const first = await join(it);
    await first.session.bind('u1');
    await first.session.setPush('level', '9');
    const second = await join(it);
    await second.session.bind('u1');
    expect({...second.session.settings}).toEqual({});
  });

  test('S25 Storage: on Bind, SetPush and SetBatch, with the whole session', async () => {
    const {calls, values, handler} = listener();
    await using it = await startTestGate({handlers, storage: handler});
    const {session} = await join(it);
    await session.setPush('before', 'bind');
    expect(calls).toEqual([]);
    await session.bind('u1');
    await session.setPush('a', '1');
    await session.setBatch({b: '2'});
    expect(calls.filter((call) => call === 'Storage')).toHaveLength(3);
    const record = decodeSession(values.get('u1') ?? new Uint8Array(0));
    expect({...record.settings}).toEqual({before: 'bind', a: '1', b: '2'});
    expect(record.sessionId).toBe(session.sessionId);
  });

  test('S26 Delete 强制删除: the operator deletes by force; nothing else does', async () => {
    const {calls, values, handler} = listener();
    await using it = await startTestGate({handlers, storage: handler});
    const {client, session} = await join(it);
    await session.bind('u1');
    await session.unbind();
    await client.endAsync();
    expect(calls).not.toContain('Delete');
    expect(await it.gate.api.recordDelete('u1')).toBe(true);
    expect(values.has('u1')).toBe(false);
  });

  test('S27 Query: on Bind, before the first Storage', async () => {
    const {calls, handler} = listener();
    await using it = await startTestGate({handlers, storage: handler});
    const {session} = await join(it);
    await session.bind('u1');
    expect(calls).toEqual(['Query', 'Storage']);
  });

  test('S28 Heartbeat: with the activity of the client, at most once an interval', async () => {
    const {calls, handler} = listener();
    let now = 1_000_000;
    await using it = await startTestGate({
      handlers,
      storage: handler,
      now: () => now,
      limits: {heartbeatMs: 1000},
    });
    const {client, session} = await join(it);
    await session.bind('u1');
    now += 1500;
    for (const turn of [2, 3]) await ask(client, `HelloWorld/HD_hold/${turn}`, '{}');
    now += 1500;
    await ask(client, 'HelloWorld/HD_hold/4', '{}');
    expect(calls.filter((call) => call === 'Heartbeat')).toHaveLength(2);
  });

  test('S29 设置监听器: the handler is an option of the gate, and connections can be listened to', async () => {
    const heard: string[] = [];
    await using it = await startTestGate({
      handlers,
      storage: listener().handler,
      onConnected: ({sessionId}) => heard.push(`+${sessionId}`),
      onDisconnected: ({sessionId}) => heard.push(`-${sessionId}`),
    });
    const {client, session} = await join(it);
    await session.close();
    await closed(client);
    expect(heard).toEqual([`+${session.sessionId}`, `-${session.sessionId}`]);
  });
});
