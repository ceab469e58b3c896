import fc from 'fast-check';
import {generate, type Packet} from 'mqtt-packet';
import {describe, expect, test, vi} from 'vitest';
import {MqttProtocolError} from '../../../../src/gate/mqtt/mqtt-protocol-error.js';
import {encodePacket, encodePush, PacketReader} from '../../../../src/gate/mqtt/packet-codec.js';
import {runs} from '../../../support/tiers.js';

const limit = 65_535;
const connect = (protocolVersion: 4 | 5): Packet => ({cmd: 'connect', clientId: 'c', protocolVersion});
const publish = (topic: string, payload: Buffer, version: 4 | 5): Packet => ({
  cmd: 'publish',
  topic,
  payload,
  qos: 0,
  retain: false,
  dup: false,
  ...(version === 5 && {properties: {contentType: 'x'}}),
});

interface Client {
  readonly reader: PacketReader;
  readonly got: string[];
}

function client(): Client {
  const got: string[] = [];
  const reader = new PacketReader(limit, {onPacket: (packet) => got.push(said(packet))});
  return {reader, got};
}

function said(packet: Packet): string {
  if (packet.cmd !== 'publish') return packet.cmd;
  return `${packet.topic} ${packet.payload.toString('hex')} ${JSON.stringify(packet.properties)}`;
}

const someClient = fc.record({
  version: fc.constantFrom(4 as const, 5 as const),
  bodies: fc.array(fc.uint8Array({maxLength: 300}), {maxLength: 6}),
  cuts: fc.array(fc.nat(), {maxLength: 20}),
});

/** What a client sends, in the pieces in which it comes, and what it should be taken for. */
function conversation({version, bodies, cuts}: {version: 4 | 5; bodies: Uint8Array[]; cuts: number[]}) {
  const packets: Packet[] = [
    connect(version),
    ...bodies.map((body, at) => publish(`t/${at}`, Buffer.from(body), version)),
    {cmd: 'pingreq'},
  ];
  const bytes = Buffer.concat(packets.map((packet) => generate(packet, {protocolVersion: version})));
  const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((end, at) => Buffer.from(bytes.subarray(places[at], end)));
  return {pieces, expected: packets.map(said)};
}

describe('clients that share one parser', () => {
  test('get their own packets, however bytes are split and interleaved', () => {
    fc.assert(
      fc.property(fc.array(someClient, {minLength: 1, maxLength: 4}), (plans) => {
        const all = plans.map((plan) => ({...conversation(plan), ...client()}));
        const longest = Math.max(...all.map(({pieces}) => pieces.length));
        for (let turn = 0; turn < longest; turn += 1)
          for (const {reader, pieces} of all) reader.read(pieces[turn] ?? Buffer.alloc(0));
        for (const {got, expected} of all) expect(got).toEqual(expected);
      }),
      {numRuns: runs(300)},
    );
  });

  test("are not affected by another's invalid bytes or throwing handler", () => {
    const [good, bad, worse] = [client(), client(), client()];
    good.reader.read(generate(connect(5)));
    bad.reader.read(generate(connect(4)));
    const half = generate(publish('half', Buffer.from('body'), 5), {protocolVersion: 5});
    good.reader.read(half.subarray(0, 5));
    expect(() => bad.reader.read(Buffer.of(0x82, 1, 0))).toThrow(MqttProtocolError);
    const thrower = new PacketReader(limit, {
      onPacket: () => {
        throw new Error('the handler');
      },
    });
    expect(() => thrower.read(generate(connect(4)))).toThrow('the handler');
    expect(() => worse.reader.read(Buffer.of(0x10, 3, 0xff, 0xff, 0xff))).toThrow(MqttProtocolError);
    good.reader.read(half.subarray(5));
    expect(good.got).toEqual(['connect', `half ${Buffer.from('body').toString('hex')} {"contentType":"x"}`]);
  });

  test('may be read from within a handler', () => {
    const inner = client();
    const forInner = [generate(connect(4)), generate({cmd: 'pingreq'})];
    const outer = new PacketReader(limit, {
      onPacket: () => inner.reader.read(forInner.shift() ?? Buffer.alloc(0)),
    });
    outer.read(Buffer.concat([generate(connect(5)), generate({cmd: 'pingreq'})]));
    expect(inner.got).toEqual(['connect', 'pingreq']);
  });

  test('copy a slowly arriving packet only a few times, in bounded memory', () => {
    const bytes = generate(publish('t', Buffer.alloc(limit - 10, 1), 4), {protocolVersion: 4});
    const {reader, got} = client();
    reader.read(generate(connect(4)));
    const grown = vi.spyOn(Buffer, 'allocUnsafeSlow');
    try {
      for (const byte of bytes) reader.read(Buffer.of(byte));
      expect(got.length).toBe(2);
      const sizes = grown.mock.calls.map(([size]) => size);
      expect(sizes.length).toBeLessThan(14);
      expect(sizes[0]).toBe(64);
      expect(Math.max(...sizes)).toBe(limit);
    } finally {
      grown.mockRestore();
    }
  });

  test.each([0x11, 0x36, 0x80, 0x60, 0xc1])('reject a first byte of %i before the second', (byte) => {
    expect(() => client().reader.read(Buffer.of(byte))).toThrow(MqttProtocolError);
  });
});

test('get pushes with the same bytes as mqtt-packet encodes', () => {
  const topic = fc.stringMatching(/^[^+#\0\ud800-\udfff]{1,40}$/u);
  const size = fc.oneof(fc.nat(300), fc.constantFrom(16_370, 16_383, 16_390, 2_097_140, 2_097_160));
  const version = fc.constantFrom(3 as const, 4 as const, 5 as const);
  const fields = fc.record({
    packetId: fc.option(fc.integer({min: 1, max: 65_535}), {nil: undefined}),
    correlationData: fc.option(fc.uint8Array({maxLength: 300}), {nil: undefined}),
  });
  fc.assert(
    fc.property(
      topic,
      size,
      version,
      fields,
      (name, bytes, protocolVersion, {packetId: messageId, correlationData}) => {
        const body = new Uint8Array(bytes).fill(7);
        const common = {topic: name, payload: Buffer.from(body), retain: false, dup: false} as const;
        const qos = messageId === undefined ? {qos: 0 as const} : {qos: 1 as const, messageId};
        const properties = correlationData && {properties: {correlationData: Buffer.from(correlationData)}};
        const theirs = generate({cmd: 'publish', ...common, ...qos, ...properties}, {protocolVersion});
        expect(
          encodePush(name, body, protocolVersion, {packetId: messageId, correlationData}).equals(theirs),
        ).toBe(true);
      },
    ),
    {numRuns: runs(300)},
  );
});

describe('replies to a connecting client', () => {
  const versions = [3, 4, 5] as const;

  test('encode CONNACK like mqtt-packet', () => {
    for (const version of versions) {
      for (const code of [0, 1, 2, 3, 5]) {
        const packet: Packet = {cmd: 'connack', sessionPresent: false, returnCode: code, reasonCode: code};
        expect(encodePacket(packet, version)).toEqual(generate(packet, {protocolVersion: version}));
      }
    }
  });

  test('encode SUBACK like mqtt-packet, also with a two-byte length', () => {
    const granted = fc.array(fc.constantFrom(0, 0x80), {minLength: 1, maxLength: 200});
    fc.assert(
      fc.property(
        fc.constantFrom(...versions),
        fc.integer({min: 1, max: 65_535}),
        granted,
        (version, messageId, given) => {
          const packet: Packet = {cmd: 'suback', messageId, granted: given};
          expect(encodePacket(packet, version)).toEqual(generate(packet, {protocolVersion: version}));
        },
      ),
    );
  });
});
