import {describe, expect, test} from 'vitest';
import {NoSessionError, OutcomeUnknownError} from '../../../src/base/errors.js';
import {RemoteSession, type SendOptions} from '../../../src/module/remote-session.js';
import type {SessionGate} from '../../../src/module/session-gate.js';
import {decodeSession} from '../../../src/session/codec/session-protobuf.js';
import {UnsupportedError} from '../../../src/session/node-kind.js';
import {newSession, type Session, stringBag} from '../../../src/session/session.js';

const sid = '3ed71cdd6f1aa59c';
const gateId = 'Gate@g1';

/** A gate with one session that writes down what it is asked. */
function aGate(
  fields: Partial<Session> = {},
  deliver: SessionGate['deliver'] = () => Promise.resolve([{state: 'acknowledged'}]),
) {
  const asked: unknown[][] = [];
  let session = newSession({sessionId: sid, serverId: gateId, network: 'tcp', ip: '127.0.0.1:1', ...fields});
  const merged = (settings: Record<string, string>) =>
    stringBag(Object.entries({...session.settings, ...settings}));
  const change = (fields: Partial<Session>) => {
    session = {...session, ...fields};
    return Promise.resolve(session);
  };
  const gate: SessionGate = {
    update: () => Promise.resolve(session),
    bind: (_id, userId) => change({userId}),
    unbind: () => change({userId: ''}),
    push: (_id, settings) => change({settings: merged(settings)}),
    set: (_id, key, value) => change({settings: merged({[key]: value})}),
    remove: (_id, key) =>
      change({settings: stringBag(Object.entries(session.settings).filter(([name]) => name !== key))}),
    send: () => Promise.resolve(),
    deliver,
    sendNoReply: () => {},
    sendBatch: (ids) => Promise.resolve(ids.length),
    broadcast: () => Promise.resolve(3),
    isConnect: (userId) => Promise.resolve(userId === session.userId),
    close: () => Promise.resolve(),
  };
  const recorded = new Proxy(gate, {
    get(target, name: keyof SessionGate) {
      const verb = target[name] as ((...args: never[]) => unknown) | undefined;
      return (
        verb &&
        ((...args: never[]) => {
          asked.push([name, ...args]);
          return verb(...args);
        })
      );
    },
  });
  return {
    asked,
    change,
    session: (copy: Partial<Session> = {}) =>
      new RemoteSession(newSession({...session, ...copy}), {gateOf: () => Promise.resolve(recorded)}),
  };
}

describe('a session in a module', () => {
  test('has the fields of its request', () => {
    const {session} = aGate({userId: 'u42', settings: stringBag([['a', '1']])});
    const remote = session({topic: 'HelloWorld/HD_say/1', traceId: 't', spanId: 's'});
    expect(remote).toMatchObject({
      userId: 'u42',
      ip: '127.0.0.1:1',
      network: 'tcp',
      sessionId: sid,
      serverId: gateId,
      traceId: 't',
      spanId: 's',
      topic: 'HelloWorld/HD_say/1',
      settings: {a: '1'},
    });
  });

  test('sends text and bytes to its client', async () => {
    const {asked, session} = aGate();
    await session().send('/t', 'hi');
    await session().sendNR('/t', Uint8Array.of(1));
    expect(await session().sendBatch([sid, 'other'], '/t', 'all')).toBe(2);
    expect(asked).toEqual([
      ['send', sid, '/t', Buffer.from('hi')],
      ['sendNoReply', sid, '/t', Uint8Array.of(1)],
      ['sendBatch', [sid, 'other'], '/t', Buffer.from('all')],
    ]);
  });

  test('sends with QoS 1, and reports what became of the message', async () => {
    const {asked, session} = aGate();
    expect(await session().send('/t', 'hi', {qos: 1})).toEqual({state: 'acknowledged'});
    expect(await session().send('/t', 'hi', {qos: 1, waitMs: 50})).toEqual({state: 'acknowledged'});
    expect(asked).toEqual([
      ['deliver', {sessions: [sid], topic: '/t', waitMs: 5000}, Buffer.from('hi')],
      ['deliver', {sessions: [sid], topic: '/t', waitMs: 50}, Buffer.from('hi')],
    ]);
  });

  test('rejects a message with QoS 1 when the session is gone, and reports a gate that cannot send it', async () => {
    const {session} = aGate({}, () => Promise.resolve([{state: 'gone'}]));
    await expect(session().send('/t', 'hi', {qos: 1})).rejects.toThrow(NoSessionError);
    const stock = aGate({}, () => Promise.reject(new UnsupportedError(gateId, 'GatectlDeliver')));
    expect(await stock.session().send('/t', 'hi', {qos: 1})).toEqual({
      state: 'unsupported',
      detail: 'Gate@g1 has no GatectlDeliver',
    });
    const lost = aGate({}, () => Promise.reject(new OutcomeUnknownError('no answer')));
    await expect(lost.session().send('/t', 'hi', {qos: 1})).rejects.toThrow(OutcomeUnknownError);
  });

  test.each([
    [{qos: 2}, 'invalid QoS "2"'],
    [{qos: 1, waitMs: 0}, 'invalid waitMs "0": expected 1 to 60000 milliseconds'],
    [{qos: 1, waitMs: Number.NaN}, 'invalid waitMs "NaN"'],
    [{qos: 1, waitMs: 60_001}, 'invalid waitMs "60001"'],
  ])('refuses to send with %j', async (options, text) => {
    const {asked, session} = aGate();
    await expect(session().send('/t', 'hi', options as SendOptions)).rejects.toThrow(text);
    expect(asked).toEqual([]);
  });

  test('is a guest before bind and after unbind', async () => {
    const {session} = aGate();
    const remote = session();
    expect(remote.isGuest()).toBe(true);
    await remote.bind('u42');
    expect([remote.userId, remote.isGuest()]).toEqual(['u42', false]);
    await remote.unbind();
    expect(remote.isGuest()).toBe(true);
  });

  test('follows a replaced guest rule', () => {
    const remote = new RemoteSession(newSession(), {
      gateOf: () => Promise.reject(new Error('not asked')),
      guestRule: () => false,
    });
    expect(remote.isGuest()).toBe(false);
  });

  test('prefers its own rule, in clones too', () => {
    const remote = aGate({userId: 'u42'}).session();
    expect(remote.isGuest()).toBe(false);
    remote.judgeGuest(({network}) => network === 'tcp');
    expect([remote.isGuest(), remote.clone().isGuest()]).toEqual([true, true]);
  });

  test('starts a new trace with its span; a clone stays in it with its own span', () => {
    const remote = aGate().session({traceId: 't', spanId: 's'});
    remote.createTrace();
    const {traceId, spanId} = remote;
    expect([traceId, spanId]).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    const clone = remote.clone();
    expect(clone.traceId).toBe(traceId);
    expect(clone.spanId).not.toBe(spanId);
  });

  test('broadcasts to all clients of its gate', async () => {
    const {asked, session} = aGate();
    expect(await session().broadcast('/t', 'all')).toBe(3);
    expect(asked).toEqual([['broadcast', '/t', Buffer.from('all')]]);
  });

  test("shows the gate's state after a call, and keeps trace and topic of the request", async () => {
    const {change, session} = aGate();
    const remote = session({topic: 'HelloWorld/HD_x/1', traceId: 't', spanId: 's'});
    await change({userId: 'u7', settings: stringBag([['k', 'v']]), traceId: 'gate', topic: ''});
    await remote.update();
    expect(remote).toMatchObject({userId: 'u7', topic: 'HelloWorld/HD_x/1', traceId: 't', spanId: 's'});
    expect(remote.load('k')).toBe('v');
  });

  test('get returns empty text for a missing setting, load returns undefined', () => {
    const remote = aGate().session();
    expect([remote.get('k'), remote.load('k'), remote.load('toString')]).toEqual(['', undefined, undefined]);
  });

  test('set, setBatch and remove send the named keys only', async () => {
    const {asked, session} = aGate({settings: stringBag([['old', 'x']])});
    const remote = session();
    await remote.set('a', '1');
    await remote.setBatch({b: '2', c: '3'});
    await remote.remove('old');
    expect(asked).toEqual([
      ['set', sid, 'a', '1'],
      ['push', sid, {b: '2', c: '3'}],
      ['remove', sid, 'old'],
    ]);
    expect(remote.settings).toEqual({a: '1', b: '2', c: '3'});
  });

  test('setPush keeps concurrent changes by others', async () => {
    const {change, session} = aGate({settings: stringBag([['score', '1']])});
    const remote = session();
    await change({settings: stringBag([['score', '2']])});
    await remote.setPush('roomName', 'mqant');
    expect(remote.settings).toEqual({score: '2', roomName: 'mqant'});
  });

  test('shows local changes at once, and sends them with the next push', async () => {
    const {asked, session} = aGate();
    const remote = session();
    remote.setLocal('a', '1');
    await remote.update();
    expect(remote.get('a')).toBe('1');
    await remote.setPush('b', '2');
    await remote.push();
    expect(asked).toEqual([
      ['update', sid],
      ['push', sid, {a: '1', b: '2'}],
      ['update', sid],
    ]);
  });

  test('keeps a local change when its push fails', async () => {
    const {session} = aGate();
    const good = session();
    const bad = new RemoteSession(newSession({sessionId: sid, serverId: gateId}), {
      gateOf: () => Promise.reject(new Error('Service not found id(Gate@g1)')),
    });
    await expect(bad.setPush('a', '1')).rejects.toThrow('Service not found');
    expect(bad.get('a')).toBe('1');
    expect(good.get('a')).toBe('');
  });

  test('treats a key of the prototype like any other', async () => {
    const {session} = aGate();
    const remote = session();
    await remote.set('__proto__', 'x');
    await remote.setBatch({constructor: 'y'});
    expect([remote.load('__proto__'), remote.load('constructor')]).toEqual(['x', 'y']);
  });

  test('asks its gate whether a user is connected, its own user by default', async () => {
    const remote = aGate({userId: 'u42'}).session();
    expect([await remote.isConnect(), await remote.isConnect('u43')]).toEqual([true, false]);
  });

  test('is independent of its clone, which has the same trace', () => {
    const remote = aGate().session({traceId: 't', spanId: 's'});
    const twin = remote.clone();
    twin.setLocal('a', '1');
    expect([twin.get('a'), remote.get('a'), twin.traceId]).toEqual(['1', '', 't']);
    expect(twin.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is serialized so that every mqant module can read it', () => {
    const remote = aGate({userId: 'u42', settings: stringBag([['a', '1']])}).session();
    expect(decodeSession(remote.serialize())).toMatchObject({
      userId: 'u42',
      sessionId: sid,
      serverId: gateId,
      settings: {a: '1'},
    });
  });
});
