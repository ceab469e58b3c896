import {expect, test} from 'vitest';
import type {StorageHandler} from '../../../src/gate/index.js';
import {until} from '../../support/poll.js';
import {startTestGate} from '../../support/test-gate.js';

/** A handler whose `query` waits, so that clients stay admitted and without a CONNACK until `release`. */
function slowStorage() {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const storage: StorageHandler = {
    store: async () => {},
    query: async () => {
      await released;
      return undefined;
    },
    delete: async () => false,
    heartbeat: async () => {},
  };
  return {storage, release};
}

async function connecting(version: 4 | 5) {
  const {storage, release} = slowStorage();
  const it = await startTestGate({
    storage,
    limits: {storageTimeoutMs: 60_000, queueBytes: 1000},
    authenticate: () => ({allow: true, userId: 'neo'}),
  });
  const raw = await it.raw();
  raw.connect(version);
  const [row] = await until(async () => {
    const {rows} = await it.gate.api.list({});
    return rows.length > 0 && rows;
  });
  return {it, raw, release, sessionId: row?.session.sessionId ?? ''};
}

test.each([4, 5] as const)('pushes to a client of MQTT %i follow its CONNACK', async (version) => {
  const {it, raw, release, sessionId} = await connecting(version);
  await using gate = it;
  expect(await gate.gate.api.broadcast('a', Buffer.from('1'))).toBe(1);
  await gate.gate.api.send(sessionId, 'b', Buffer.from('2'));
  release();
  await until(() => raw.packets.length === 3, {what: 'CONNACK and two messages'});
  expect(raw.packets).toMatchObject([{cmd: 'connack'}, {cmd: 'publish', topic: 'a'}, {topic: 'b'}]);
});

test('a push from the hook for new clients follows CONNACK', async () => {
  const hello: {send?: (sessionId: string) => Promise<void>} = {};
  await using it = await startTestGate({onConnected: ({sessionId}) => void hello.send?.(sessionId)});
  hello.send = (sessionId) => it.gate.api.send(sessionId, 'welcome', Buffer.from('hi'));
  const raw = await it.raw();
  raw.connect(4);
  await raw.packet('publish');
  expect(raw.packets.map(({cmd}) => cmd)).toEqual(['connack', 'publish']);
});

test.each([
  [4, {cmd: 'connack', returnCode: 3}],
  [5, {cmd: 'connack', reasonCode: 0x88}],
] as const)(
  'a client of MQTT %i whose session is closed first gets CONNACK only',
  async (version, connack) => {
    const {it, raw, release, sessionId} = await connecting(version);
    await using gate = it;
    await gate.gate.api.send(sessionId, 'b', Buffer.from('2'));
    await gate.gate.api.close(sessionId);
    await raw.ended();
    release();
    expect(raw.packets).toHaveLength(1);
    expect(raw.packets).toMatchObject([connack]);
  },
);

test('pushes before CONNACK count toward the queue of the client', async () => {
  const {it, raw, release, sessionId} = await connecting(4);
  await using gate = it;
  const push = () => gate.gate.api.send(sessionId, 'b', Buffer.alloc(400));
  await push();
  await push();
  await expect(push()).rejects.toThrow('read too slowly');
  await raw.ended();
  release();
});
