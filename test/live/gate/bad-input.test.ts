import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {until} from '../../support/poll.js';
import {RawClient, sessionIdOf, startTestGate} from '../../support/test-gate.js';
import {runs} from '../../support/tiers.js';

describe('bytes of a misbehaving client', () => {
  test.each([
    ['no MQTT at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a packet before CONNECT', Buffer.from([0xc0, 0])],
    ['a remaining length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 1])],
    ['a CONNECT that is cut in its middle by its own length', Buffer.from([0x10, 4, 0, 4, 0x4d, 0x51])],
  ])('%s disconnects its sender only', async (_, bytes) => {
    await using it = await startTestGate();
    const other = await it.client();
    const raw = await it.raw();
    raw.send(bytes);
    await raw.ended();
    expect(await sessionIdOf(other)).toMatch(/^[0-9a-f]{16}$/);
    expect((await it.gate.api.count()).sessions).toBe(1);
  });

  test('rejects an oversized packet at its header, before its body', async () => {
    await using it = await startTestGate({limits: {maxPacketBytes: 1000}});
    const raw = await it.raw();
    raw.connect();
    await raw.packet('connack');
    raw.send(Buffer.from([0x30, 0xe6, 0x07])); // announces 998 bytes after the 3 of the header, sends none
    await raw.ended();
  });

  test('accepts a packet of exactly the Maximum Packet Size in CONNACK', async () => {
    await using it = await startTestGate({limits: {maxPacketBytes: 1000}});
    const raw = await it.raw();
    raw.connect(5);
    const {properties} = await raw.packet('connack');
    expect(properties?.maximumPacketSize).toBe(1000);
    raw.send(Buffer.concat([Buffer.from([0x30, 0xe5, 0x07, 0, 1, 0x61, 0]), Buffer.alloc(993, 0x78)]), 5);
    expect((await raw.packet('publish')).topic).toBe('a'); // the error: no such module
    expect(raw.isClosed).toBe(false);
  });

  test('enforces the CONNECT deadline for slowly arriving bytes', async () => {
    await using it = await startTestGate({limits: {connectTimeoutMs: 150}});
    const raw = await it.raw();
    const trickle = setInterval(() => raw.send(Buffer.from([0x10])), 20);
    raw.send(Buffer.from([0x10, 0x7f]));
    await raw.ended().finally(() => clearInterval(trickle)); // it would go on for ever
  });

  test('disconnects on a second CONNECT', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect();
    await raw.packet('connack');
    raw.connect();
    await raw.ended();
    await until(async () => (await it.gate.api.count()).sessions === 0);
  });

  test.each([
    ['a topic with a wildcard', 'HelloWorld/#'],
    ['a topic with a NUL', 'Hello\0World/HD_say'],
  ])('disconnects on %s', async (_, topic) => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect();
    await raw.packet('connack');
    raw.send(publishBytes(Buffer.from(topic)));
    await raw.ended();
  });

  test('disconnects on a topic that is not UTF-8, with a reason in MQTT 5', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(5);
    await raw.packet('connack');
    raw.send(publishBytes(Buffer.from([0x61, 0xff, 0xfe]), Buffer.from([0])), 5);
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x81);
    await raw.ended();
  });

  test('creates no session for a client id that is not UTF-8', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    const body = Buffer.concat([
      Buffer.from([0, 4]),
      Buffer.from('MQTT'),
      Buffer.from([4, 2, 0, 30, 0, 2, 0xc0, 0xaf]),
    ]);
    raw.send(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    await raw.ended();
    expect((await it.gate.api.count()).sessions).toBe(0);
  });

  test('refuses a filter with a misplaced wildcard, and grants the others', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(5);
    await raw.packet('connack');
    const topics = ['a/+/b', 'a/b+', '#/a', '#'];
    raw.send(
      {cmd: 'subscribe', messageId: 7, subscriptions: topics.map((topic) => ({topic, qos: 1 as const}))},
      5,
    );
    expect((await raw.packet('suback')).granted).toEqual([1, 0x8f, 0x8f, 1]);
  });

  test('routes a repeated QoS 2 message once before its release', async () => {
    let calls = 0;
    await using it = await startTestGate({
      handlers: {
        HD_count: () => {
          calls += 1;
          return calls;
        },
      },
    });
    const raw = await it.raw();
    raw.connect();
    await raw.packet('connack');
    const message = {
      cmd: 'publish',
      topic: 'HelloWorld/HD_count',
      payload: '{}',
      qos: 2,
      messageId: 5,
    } as const;
    for (const dup of [false, true, true]) raw.send({...message, dup, retain: false});
    raw.send({cmd: 'pubrel', messageId: 5});
    await raw.packet('pubcomp');
    raw.send({...message, dup: false, retain: false, messageId: 6});
    await until(() => calls === 2);
    const pubrecs = () => raw.packets.filter(({cmd}) => cmd === 'pubrec').length;
    await until(() => pubrecs() >= 4, {what: 'each to be acknowledged'});
    expect({calls, pubrecs: pubrecs()}).toEqual({calls: 2, pubrecs: 4});
  });

  test('answers an unknown protocol version with "unacceptable protocol version"', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.send(Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 6, 2, 0, 30, 0, 1, 0x61]));
    expect((await raw.packet('connack')).returnCode).toBe(1);
    await raw.ended();
  });

  test('survives random bytes after CONNECT and instead of it', async () => {
    await using it = await startTestGate();
    const bytes = fc.uint8Array({minLength: 1, maxLength: 200});
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (garbage, connects) => {
        const raw = await RawClient.connect(it.gate.tcpPort ?? 0);
        if (connects) {
          raw.connect();
          await raw.packet('connack');
        }
        raw.send(garbage);
        raw.socket.end();
        await raw.ended();
      }),
      {numRuns: runs(150)},
    );
    await until(async () => (await it.gate.api.count()).sessions === 0);
    expect(await sessionIdOf(await it.client())).toMatch(/^[0-9a-f]{16}$/);
  });
});

function publishBytes(topic: Buffer, properties = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([
    Buffer.from([topic.length >> 8, topic.length & 255]),
    topic,
    properties,
    Buffer.from('x'),
  ]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
