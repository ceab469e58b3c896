import {generate, type Packet} from 'mqtt-packet';

/** Bytes that no MQTT server may take for a packet of a client, and whether a CONNECT goes before them. */
export interface Malformed {
  readonly name: string;
  /** Version of the CONNECT before it; undefined for none. */
  readonly after: 4 | 5 | undefined;
  readonly bytes: Buffer;
}

const made = (fields: object, protocolVersion: number): Buffer =>
  generate(fields as Packet, {protocolVersion});

/** A packet around a body, with a true length whatever the body says inside. */
function framed(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let left = body.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.of(first, ...length), body]);
}

/** Packets here are shorter than 128 bytes: one byte of length. */
const bodyOf = (packet: Buffer): Buffer => packet.subarray(2);

/** Cut after each byte of the body up to `until`, each time with a length that says so. */
function cut(name: string, after: Malformed['after'], packet: Buffer, until: number): Malformed[] {
  return Array.from({length: until}, (_, size) => ({
    name: `${name} cut to ${size} bytes`,
    after,
    bytes: framed(packet[0] ?? 0, bodyOf(packet).subarray(0, size)),
  }));
}

const connect = (protocolVersion: 3 | 4 | 5): Buffer =>
  made(
    {
      cmd: 'connect',
      protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion,
      clientId: 'client',
      clean: true,
      keepalive: 30,
      username: 'u',
      password: Buffer.from('p'),
      will: {topic: 'w', payload: Buffer.from('x'), qos: 1, retain: false},
    },
    protocolVersion,
  );

const publish = (version: 4 | 5, qos: 0 | 1 | 2): Buffer =>
  made({cmd: 'publish', topic: 'a/b', payload: 'x', qos, messageId: 7, retain: false, dup: false}, version);
const subscribe = (version: 4 | 5): Buffer =>
  made({cmd: 'subscribe', messageId: 7, subscriptions: [{topic: 'a/b', qos: 1}]}, version);
const unsubscribe = (version: 4 | 5): Buffer =>
  made({cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a/b']}, version);

function truncated(): Malformed[] {
  const connects = ([3, 4, 5] as const).flatMap((version) => {
    const packet = connect(version);
    const bodies = cut(`CONNECT of version ${version}`, undefined, packet, bodyOf(packet).length);
    // MQTT 3.1 permits flags of a user name and of a password that are not there
    const isWhole = ({bytes}: Malformed): boolean => version === 3 && [28, 31].includes(bytes.length);
    return bodies.filter((one) => !isWhole(one));
  });
  const others = ([4, 5] as const).flatMap((version) => [
    ...cut(`SUBSCRIBE v${version}`, version, subscribe(version), bodyOf(subscribe(version)).length),
    ...cut(`UNSUBSCRIBE v${version}`, version, unsubscribe(version), bodyOf(unsubscribe(version)).length),
    ...cut(`PUBLISH v${version} QoS 1`, version, publish(version, 1), 7),
    ...[0x40, 0x50, 0x62, 0x70].flatMap((first) =>
      cut(`ack 0x${first.toString(16)} v${version}`, version, framed(first, Buffer.of(0, 7)), 2),
    ),
  ]);
  return [...connects, ...others];
}

/** [MQTT-2.2.2-2]: flags that are reserved, all fifteen of those that are wrong. */
function flags(): Malformed[] {
  const types: readonly (readonly [name: string, first: number, body: Buffer])[] = [
    ['PUBREL', 0x62, Buffer.of(0, 7)],
    ['SUBSCRIBE', 0x82, bodyOf(subscribe(4))],
    ['UNSUBSCRIBE', 0xa2, bodyOf(unsubscribe(4))],
    ['PINGREQ', 0xc0, Buffer.of()],
    ['DISCONNECT', 0xe0, Buffer.of()],
    ['PUBACK', 0x40, Buffer.of(0, 7)],
  ];
  return types.flatMap(([name, first, body]) =>
    Array.from({length: 16}, (_, flag) => (first & 0xf0) | flag)
      .filter((wrong) => wrong !== first)
      .map((wrong) => ({
        name: `${name} with the flags ${wrong & 15}`,
        after: 4 as const,
        bytes: framed(wrong, body),
      })),
  );
}

const badTexts: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['bytes that are not UTF-8', Buffer.of(0x61, 0xff)],
  ['an overlong NUL', Buffer.of(0xc0, 0x80)],
  ['a NUL', Buffer.of(0x61, 0)],
  ['a surrogate', Buffer.of(0xed, 0xa0, 0x80)],
];

const textField = (text: Buffer): Buffer =>
  Buffer.concat([Buffer.of(text.length >> 8, text.length & 255), text]);

function texts(): Malformed[] {
  const connectWith = (clientId: Buffer, username: Buffer, willTopic: Buffer): Buffer =>
    framed(
      0x10,
      Buffer.concat([
        textField(Buffer.from('MQTT')),
        Buffer.of(4, 0x86, 0, 30),
        textField(clientId),
        textField(willTopic),
        textField(Buffer.from('will')),
        textField(username),
      ]),
    );
  const good = Buffer.from('a');
  return badTexts.flatMap(([name, bad]) => [
    {name: `a client id with ${name}`, after: undefined, bytes: connectWith(bad, good, good)},
    {name: `a user name with ${name}`, after: undefined, bytes: connectWith(good, bad, good)},
    {name: `a will topic with ${name}`, after: undefined, bytes: connectWith(good, good, bad)},
    {name: `a topic with ${name}`, after: 4 as const, bytes: framed(0x30, textField(bad))},
  ]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const single: readonly Malformed[] = [
  {name: 'a remaining length of five bytes', after: undefined, bytes: hex('10 ff ff ff ff 01')},
  {name: 'a remaining length of five bytes', after: 4, bytes: hex('30 ff ff ff ff 01')},
  {name: 'a topic that is longer than its packet', after: 4, bytes: hex('30 05 00 09 61 2f 62')},
  {name: 'a filter that is longer than its packet', after: 4, bytes: hex('82 06 00 07 00 ff 61 00')},
  {
    name: 'a client id that is longer than its packet',
    after: undefined,
    bytes: hex('10 0e 0004 4d515454 04 02 001e 00ff 6162'),
  },
  {name: 'QoS 3', after: 4, bytes: hex('36 08 0003 612f62 0007 78')},
  {name: 'a PUBLISH of QoS 1 with the id 0', after: 4, bytes: hex('32 08 0003 612f62 0000 78')},
  {name: 'a PUBLISH of QoS 2 with the id 0', after: 5, bytes: hex('34 09 0003 612f62 0000 00 78')},
  {name: 'a SUBSCRIBE with the id 0', after: 4, bytes: hex('82 08 0000 0003 612f62 00')},
  {name: 'an UNSUBSCRIBE with the id 0', after: 4, bytes: hex('a2 07 0000 0003 612f62')},
  {name: 'a SUBSCRIBE without a filter', after: 4, bytes: hex('82 02 0007')},
  {name: 'an UNSUBSCRIBE without a filter', after: 4, bytes: hex('a2 02 0007')},
  {name: 'a SUBSCRIBE with QoS 3', after: 4, bytes: hex('82 08 0007 0003 612f62 03')},
  {name: 'a SUBSCRIBE with reserved bits in its options', after: 4, bytes: hex('82 08 0007 0003 612f62 f1')},
  {name: 'an empty topic', after: 4, bytes: hex('30 02 0000')},
  {name: 'a topic alias of 0', after: 5, bytes: hex('30 07 0001 61 03 23 0000')},
  {name: 'a property that comes twice', after: 5, bytes: hex('30 08 0001 61 04 01 01 01 01')},
  {name: 'a property that PUBLISH has not', after: 5, bytes: hex('30 06 0001 61 02 25 01')},
  {name: 'properties that are longer than the packet', after: 5, bytes: hex('30 05 0001 61 ff 7f')},
  {name: 'a packet of type 0', after: 4, bytes: hex('00 00')},
  {name: 'AUTH of a v4 client', after: 4, bytes: hex('f0 00')},
  ...['CONNACK 20 02 0000', 'SUBACK 90 03 0007 00', 'UNSUBACK b0 02 0007', 'PINGRESP d0 00'].map((line) => ({
    name: `${line.split(' ')[0]}, which servers send`,
    after: 4 as const,
    bytes: hex(line.slice(line.indexOf(' '))),
  })),
  ...[3, 4, 5].map((version) => ({
    name: `a second CONNECT, of version ${version}`,
    after: 4 as const,
    bytes: connect(version as 3 | 4 | 5),
  })),
  {name: 'a second CONNECT that is broken', after: 5, bytes: hex('10 10 0013e000049c0004ce00049c2a00042a')},
  ...[
    'PUBLISH 30 04 0001 61 78',
    'SUBSCRIBE 82 06 0007 0001 61 00',
    'PINGREQ c0 00',
    'DISCONNECT e0 00',
    'PUBREL 62 02 0007',
    'AUTH f0 00',
  ].map((line) => ({
    name: `${line.split(' ')[0]} before CONNECT`,
    after: undefined,
    bytes: hex(line.slice(line.indexOf(' '))),
  })),
  ...[0, 1, 2, 6, 99, 255].map((level) => ({
    name: `the protocol level ${level}`,
    after: undefined,
    bytes: framed(
      0x10,
      Buffer.concat([
        textField(Buffer.from('MQTT')),
        Buffer.of(level, 2, 0, 30),
        textField(Buffer.from('a')),
      ]),
    ),
  })),
  ...['HTTP', 'mqtt', '', 'MQTTMQTT'].map((name) => ({
    name: `the protocol name "${name}"`,
    after: undefined,
    bytes: framed(
      0x10,
      Buffer.concat([textField(Buffer.from(name)), Buffer.of(4, 2, 0, 30), textField(Buffer.from('a'))]),
    ),
  })),
  {
    name: 'CONNECT with the reserved flag',
    after: undefined,
    bytes: hex('10 0d 0004 4d515454 04 03 001e 0001 61'),
  },
  {
    name: 'CONNECT with a will QoS of 3',
    after: undefined,
    bytes: hex('10 13 0004 4d515454 04 1e 001e 0001 61 0001 77 0001 78'),
  },
  {
    name: 'CONNECT with a will QoS and no will',
    after: undefined,
    bytes: hex('10 0d 0004 4d515454 04 0a 001e 0001 61'),
  },
  {
    name: 'CONNECT with bytes after its end',
    after: undefined,
    bytes: hex('10 0f 0004 4d515454 04 02 001e 0001 61 0000'),
  },
  {name: 'HTTP', after: undefined, bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')},
  {name: 'TLS', after: undefined, bytes: hex('16 03 01 00 05 01 00 00 01 03')},
];

/** The whole set: nothing in it is from anybody else's suite. */
export const malformed: readonly Malformed[] = [...truncated(), ...flags(), ...texts(), ...single];
