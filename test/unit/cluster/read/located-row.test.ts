import {expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

const user = {sessionId: 'f00dfeedf00dfeed', userId: 'neo'};
const guest = {sessionId: 'f00dfeedf00dfee0', userId: ''};

function aGate(): FakeGate {
  const gate = new FakeGate('Gate@a', [aRow(user), aRow(guest)]);
  const value = new Uint8Array();
  gate.records.set('neo', {uid: 'neo', value, revision: '1', expiresAt: 0});
  return gate;
}

const get = async (gate: FakeGate, ...more: readonly string[]) => {
  const {code, out} = await gatectl(['sessions', 'get', ...more, '-o', 'json'], {gates: [gate]});
  expect(code).toBe(0);
  return JSON.parse(out);
};

test.each([user, guest])('sessions get has the times and counts of $sessionId', async ({sessionId}) => {
  expect(await get(aGate(), sessionId)).toMatchObject({
    id: sessionId,
    connectedAt: '1970-01-01T00:00:01.000Z',
    lastActiveAt: '1970-01-01T00:00:02.000Z',
    received: 3,
    sent: 4,
  });
});

test.each([user, guest])('a gate without GatectlConnections: $sessionId', async ({sessionId}) => {
  const gate = aGate();
  gate.lacks.add('GatectlConnections');
  const found = await get(gate, sessionId);
  expect(found).toMatchObject({id: sessionId, received: 3, sent: 4});
  expect(found).not.toHaveProperty('connection');
});

test.each(['a stock gate', 'a gate that cannot filter'])('%s gives what it can', async (kind) => {
  const gate = aGate();
  gate.lacks.add('GatectlConnections');
  gate.stock = kind === 'a stock gate';
  gate.filters = false;
  const found = await get(gate, guest.sessionId);
  expect(found).toMatchObject({id: guest.sessionId, guest: true});
  expect(found).not.toHaveProperty('connectedAt');
});

test('sessions get has the queue, the keep-alive and the subscriptions that its gate reports', async () => {
  const gate = aGate();
  gate.now = () => 100_000;
  const connectionState = {
    waitingBytes: 12_000,
    waitingPackets: 31,
    oldestWaitingAt: 40_000,
    lastSentAt: 39_000,
    keepAliveEndsAt: 145_000,
    subscriptionCount: 1,
    subscriptions: [{filter: 'room/#', qos: 1}],
  };
  gate.add(aRow(user, {connectionState}));
  expect(await get(gate, user.sessionId)).toMatchObject({
    connection: {
      waitingBytes: 12_000,
      waitingPackets: 31,
      oldestWaitingAt: '1970-01-01T00:00:40.000Z',
      lastSentAt: '1970-01-01T00:00:39.000Z',
      keepAliveEndsAt: '1970-01-01T00:02:25.000Z',
    },
    subscriptions: [{filter: 'room/#', qos: 1}],
  });
  const {out} = await gatectl(`sessions get ${user.sessionId} -o table`, {gates: [gate]});
  expect(out).toMatch(/waiting +12 KiB, oldest 1m, 31 packets/);
  expect(out).toMatch(/last sent +1m1s/);
  expect(out).toMatch(/keep-alive +ends in 45s/);
  expect(out).toMatch(/subscriptions +room\/# \(QoS 1\)/);
});

test('--record shows the record beside the session', async () => {
  expect((await get(aGate(), user.sessionId, '--record')).record).toMatchObject({uid: 'neo', revision: '1'});
  expect((await get(aGate(), guest.sessionId, '--record')).record).toBeNull();
  const gate = aGate();
  await gate.bind(user.sessionId, 'neo');
  const text = await gatectl(`sessions get ${user.sessionId} --record -o table`, {gates: [gate]});
  expect(text.out).toMatch(/record +the same/);
});
