import {describe, expect, test} from 'vitest';
import type {Handlers} from '../../../src/module/handler-types.js';
import type {DeliveryOutcome} from '../../../src/session/gate-api.js';
import {until} from '../../support/poll.js';
import {type RawClient, startTestGate, type TestGate} from '../../support/test-gate.js';

const body = Buffer.from('x');

/** A connected client that sends nothing by itself, and its session. */
async function join(it: TestGate, version: 4 | 5 = 4, connect: object = {}) {
  const before = new Set((await it.gate.api.list({})).rows.map(({session}) => session.sessionId));
  const raw = await it.raw();
  raw.connect(version, connect);
  await raw.packet('connack');
  const {rows} = await it.gate.api.list({});
  const sessionId = rows.map(({session}) => session.sessionId).find((id) => !before.has(id)) ?? '';
  return {raw, sessionId};
}

const published = ({packets}: RawClient) => packets.filter((packet) => packet.cmd === 'publish');
const ack = (raw: RawClient, messageId: number, version: 4 | 5 = 4, reasonCode = 0): void =>
  raw.send({cmd: 'puback', messageId, reasonCode}, version);

function deliver(
  it: TestGate,
  sessionId: string,
  waitMs = 5000,
  topic = 'a/b',
): Promise<readonly DeliveryOutcome[]> {
  return it.gate.api.deliver({sessions: [sessionId], topic, waitMs}, body);
}

describe('a push of QoS 1', () => {
  test('is acknowledged by PUBACK', async () => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it);
    const delivered = deliver(it, sessionId);
    const {messageId = 0, qos, dup, topic} = await raw.packet('publish');
    expect({qos, dup, topic}).toEqual({qos: 1, dup: false, topic: 'a/b'});
    ack(raw, messageId + 1); // of no message
    ack(raw, messageId);
    expect(await delivered).toEqual([{state: 'acknowledged'}]);
  });

  test.each(['pubrec', 'pubcomp'] as const)('answered by %s closes the connection', async (cmd) => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it, 5);
    const delivered = deliver(it, sessionId);
    const {messageId = 0} = await raw.packet('publish');
    raw.send({cmd, messageId, reasonCode: 0}, 5);
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x82);
    expect(await delivered).toMatchObject([{state: 'unacknowledged'}]);
  });

  test('PUBREC for a message of QoS 2 that the gate does not know is answered by PUBREL', async () => {
    await using it = await startTestGate();
    const {raw} = await join(it, 5);
    raw.send({cmd: 'pubrec', messageId: 7, reasonCode: 0}, 5);
    expect(await raw.packet('pubrel')).toMatchObject({messageId: 7, reasonCode: 0x92});
  });

  test('without a PUBACK is reported at the deadline, and never sent again', async () => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it);
    expect(await deliver(it, sessionId, 50)).toEqual([
      {state: 'unacknowledged', detail: 'no PUBACK in time'},
    ]);
    const second = deliver(it, sessionId);
    await until(() => published(raw).length === 2, {what: 'both messages'});
    const ids = published(raw).map((packet) => packet.messageId ?? 0);
    ack(raw, ids[1] ?? 0);
    expect(await second).toEqual([{state: 'acknowledged'}]);
    expect(new Set(ids).size).toBe(2);
  });

  test('to a client that leaves is reported at once', async () => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it);
    const delivered = deliver(it, sessionId, 60_000);
    await raw.packet('publish');
    raw.destroy();
    expect(await delivered).toEqual([
      {state: 'unacknowledged', detail: 'the client disconnected before its PUBACK'},
    ]);
  });

  test('waits for a place in the Receive Maximum of the client', async () => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it, 5, {properties: {receiveMaximum: 2}});
    const all = [1, 2, 3].map(() => deliver(it, sessionId));
    await until(() => published(raw).length === 2, {what: 'two messages'});
    raw.send({cmd: 'pingreq'}, 5);
    await raw.packet('pingresp'); // anything that was sent has arrived by now
    expect(published(raw)).toHaveLength(2);
    const late = await deliver(it, sessionId, 50);
    expect(late).toEqual([{state: 'unsent', detail: '2 earlier messages are not acknowledged'}]);
    ack(raw, 1, 5);
    await until(() => published(raw).length === 3, {what: 'the third message'});
    ack(raw, 2, 5, 0x97);
    ack(raw, 3, 5, 0x10);
    expect((await Promise.all(all)).map(([one]) => one?.state)).toEqual([
      'acknowledged',
      'refused',
      'acknowledged',
    ]);
  });

  test('waits for a place in unacknowledgedPerClient before MQTT 5', async () => {
    await using it = await startTestGate({limits: {unacknowledgedPerClient: 1}});
    const {raw, sessionId} = await join(it);
    const [first, second] = [deliver(it, sessionId), deliver(it, sessionId)];
    await raw.packet('publish');
    ack(raw, 1);
    await until(() => published(raw).length === 2, {what: 'the second message'});
    ack(raw, 2);
    expect([await first, await second]).toEqual([[{state: 'acknowledged'}], [{state: 'acknowledged'}]]);
  });

  test.each([
    [0, 0, 'unacknowledged'],
    [1, 1, 'acknowledged'],
    [2, 1, 'acknowledged'],
  ] as const)('follows a subscription with QoS %i, granted as %i', async (asked, granted, state) => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it);
    raw.send({cmd: 'subscribe', messageId: 9, subscriptions: [{topic: 'a/+', qos: asked}]});
    expect((await raw.packet('suback')).granted).toEqual([granted]);
    const delivered = deliver(it, sessionId);
    const {qos, messageId = 0} = await raw.packet('publish');
    expect(qos).toBe(granted);
    if (qos === 1) ack(raw, messageId);
    expect((await delivered)[0]).toMatchObject({state});
  });

  test('UNSUBSCRIBE of MQTT 5 says whether there was a subscription', async () => {
    await using it = await startTestGate();
    const {raw} = await join(it, 5);
    raw.send({cmd: 'subscribe', messageId: 9, subscriptions: [{topic: 'a/+', qos: 0}]}, 5);
    await raw.packet('suback');
    raw.send({cmd: 'unsubscribe', messageId: 10, unsubscriptions: ['a/+', 'b']}, 5);
    expect((await raw.packet('unsuback')).granted).toEqual([0, 0x11]);
  });

  test('beyond the packet size of the client is not sent', async () => {
    await using it = await startTestGate();
    const {raw, sessionId} = await join(it, 5, {properties: {maximumPacketSize: 100}});
    const query = {sessions: [sessionId], topic: 'a/b', waitMs: 5000};
    const [delivery] = await it.gate.api.deliver(query, Buffer.alloc(200));
    expect(delivery).toEqual({state: 'unsent', detail: expect.stringContaining('more than the 100')});
    expect(published(raw)).toEqual([]);
  });
});

describe('a module that sends with QoS 1', () => {
  const handlers: Handlers = {
    HD_send: async (session) => ({...(await session.send('a/b', 'from a module', {qos: 1, waitMs: 5000}))}),
    HD_wait: async (session) => ({...(await session.send('a/b', 'from a module', {qos: 1, waitMs: 20}))}),
  };

  test.each([
    ['HD_send', true, {state: 'acknowledged'}],
    ['HD_wait', false, {state: 'unacknowledged', detail: 'no PUBACK in time'}],
  ] as const)('%s: with a PUBACK: %s', async (fn, acks, outcome) => {
    await using it = await startTestGate({handlers});
    const {raw} = await join(it);
    raw.send({cmd: 'publish', topic: `HelloWorld/${fn}/1`, payload: '{}', qos: 0, dup: false, retain: false});
    const {qos, messageId = 0, payload} = await raw.packet('publish');
    expect([qos, String(payload)]).toEqual([1, 'from a module']);
    if (acks) ack(raw, messageId);
    await until(() => published(raw).length === 2, {what: 'the reply of the handler'});
    const reply = published(raw)[1];
    expect(JSON.parse(String(reply?.payload))).toMatchObject({Error: '', Result: outcome});
  });
});
