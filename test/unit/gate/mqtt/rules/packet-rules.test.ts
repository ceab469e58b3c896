import {describe, expect, test} from 'vitest';
import {MqttProtocolError} from '../../../../../src/gate/mqtt/mqtt-protocol-error.js';
import {PacketReader} from '../../../../../src/gate/mqtt/packet-codec.js';
import {handlePacket} from '../../../../../src/gate/mqtt/packet-handlers.js';
import type {ProtocolVersion} from '../../../../../src/gate/mqtt/protocol-version.js';
import {type MqttRule, mqttRules} from '../../../../../src/gate/mqtt/rules/packet-rules.js';
import {Subscriptions} from '../../../../../src/gate/mqtt/subscriptions.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A CONNECT of each version, without anything that may be left out. */
const hello: Readonly<Record<ProtocolVersion, string>> = {
  3: '10 0f 0006 4d5149736470 03 02 001e 0001 61',
  4: '10 0d 0004 4d515454 04 02 001e 0001 61',
  5: '10 0e 0004 4d515454 05 02 001e 00 0001 61',
};

/** A packet with a true length of one byte around the body. */
const packet = (first: string, body: string): string => {
  const bytes = body.replaceAll(' ', '');
  return `${first} ${(bytes.length / 2).toString(16).padStart(2, '0')} ${bytes}`;
};
const connect4 = (flags: string, payload: string): string =>
  packet('10', `0004 4d515454 04 ${flags} 001e ${payload}`);
const connect5 = (flags: string, properties: string, payload = '0001 61'): string =>
  packet('10', `0004 4d515454 05 ${flags} 001e ${sized(properties)} ${payload}`);
const sized = (properties: string): string => {
  const bytes = properties.replaceAll(' ', '');
  return `${(bytes.length / 2).toString(16).padStart(2, '0')} ${bytes}`;
};
const publish5 = (properties: string): string => packet('30', `0001 61 ${sized(properties)} 78`);
const subscribe5 = (options: string, filter = '0003 612f62', properties = ''): string =>
  packet('82', `0007 ${sized(properties)} ${filter} ${options}`);
const shared = '000a 2473686172652f672f61';

interface Row {
  readonly rule: keyof typeof mqttRules;
  readonly versions: readonly ProtocolVersion[];
  /** Whether the packet is the first of its connection. */
  readonly first?: boolean;
  readonly good?: string;
  readonly bad: string;
}

const all: readonly ProtocolVersion[] = [3, 4, 5];
const old: readonly ProtocolVersion[] = [3, 4];

/** A good and a bad packet for each demand, written down from the standards. */
const rows: readonly Row[] = [
  // the fixed header
  {rule: 'reservedType', versions: all, bad: '00 00'},
  {rule: 'reservedType', versions: old, bad: 'f0 00'},
  ...['41', '51', '60', '72', '80', 'a0', 'c1', 'e1'].map(
    (bad): Row => ({rule: 'reservedFlags', versions: all, good: 'c0 00', bad: `${bad} 00`}),
  ),
  {rule: 'reservedFlags', versions: [4, 5], bad: '8a 00'},
  {rule: 'reservedFlags', versions: [5], bad: 'f1 00'},
  {rule: 'publishQos', versions: all, good: '34 06 0001 61 0007 00', bad: '36 06 0001 61 0007 00'},
  {rule: 'dupOfQos0', versions: [4, 5], good: '3a 06 0001 61 0007 00', bad: '38 04 0001 61 00'},
  {rule: 'retain', versions: [5], good: '30 04 0001 61 00', bad: '31 04 0001 61 00'},
  {rule: 'longLength', versions: all, bad: '30 80 80 80 80 01'},
  {rule: 'longLength', versions: [5], bad: packet('30', '0001 61 80 80 80 80 01')},
  {rule: 'paddedLength', versions: [5], good: '30 04 0001 61 00', bad: '30 84 00 0001 61 00'},
  {rule: 'paddedLength', versions: [5], first: true, bad: hello[5].replace('10 0e', '10 8e 00')},
  {rule: 'paddedLength', versions: [5], good: publish5(''), bad: packet('30', '0001 61 80 00 78')},
  ...['c0 00', '30 04 0001 61 00', 'e0 00', '47 45'].map(
    (bad): Row => ({rule: 'dialectBeforeConnect', versions: all, first: true, bad}),
  ),
  {rule: 'secondConnect', versions: all, bad: hello[4]},
  {rule: 'secondConnect', versions: all, bad: connect4('ff', '')},
  ...['20 02 0000', '90 03 0007 00', 'b0 02 0007', 'd0 00'].map(
    (bad): Row => ({rule: 'fromServer', versions: all, bad}),
  ),
  {rule: 'authExchange', versions: [5], bad: 'f0 00'},
  // sizes of packets
  {rule: 'truncated', versions: all, good: '30 04 0001 61 00', bad: '30 02 0001'},
  {rule: 'truncated', versions: all, bad: '40 01 00'},
  {rule: 'truncated', versions: all, bad: '62 00'},
  {rule: 'truncated', versions: old, bad: '82 07 0007 0003 612f62'},
  {rule: 'truncated', versions: old, bad: 'a2 06 0007 0005 612f'},
  {rule: 'truncated', versions: [5], bad: packet('30', '0001 61')},
  {rule: 'truncated', versions: [4], first: true, bad: connect4('82', '0001 61')},
  {rule: 'truncated', versions: [4], first: true, bad: connect4('06', '0001 61 0001 77')},
  {rule: 'truncated', versions: [5], first: true, bad: '10 0a 0004 4d515454 05 02 001e'},
  {rule: 'truncated', versions: all, first: true, bad: '10 06 0004 4d515454'},
  {rule: 'trailing', versions: all, good: 'c0 00', bad: 'c0 01 00'},
  {rule: 'trailing', versions: old, good: 'e0 00', bad: 'e0 01 00'},
  ...['40', '50', '62', '70'].map(
    (first): Row => ({
      ...{rule: 'trailing', versions: old},
      good: `${first} 02 0007`,
      bad: `${first} 03 0007 00`,
    }),
  ),
  ...['40', '50', '62', '70'].map(
    (first): Row => ({
      ...{rule: 'trailing', versions: [5]},
      good: `${first} 04 0007 00 00`,
      bad: `${first} 05 0007 00 00 00`,
    }),
  ),
  {rule: 'trailing', versions: [5], good: 'e0 02 00 00', bad: 'e0 03 00 00 00'},
  {rule: 'trailing', versions: [4], first: true, good: hello[4], bad: connect4('02', '0001 61 00')},
  {rule: 'trailing', versions: [5], first: true, good: hello[5], bad: connect5('02', '', '0001 61 00')},
  // texts; U+FFFD is a character as others
  ...['61ff', 'c080', 'eda080', 'f5808080'].flatMap((text): Row[] => {
    const field = `${(text.length / 2).toString(16).padStart(4, '0')} ${text}`;
    return [
      {rule: 'notUtf8', versions: [4], first: true, bad: connect4('02', field)},
      {rule: 'notUtf8', versions: [4], first: true, bad: connect4('06', `0001 61 ${field} 0001 78`)},
      {rule: 'notUtf8', versions: [4], first: true, bad: connect4('82', `0001 61 ${field}`)},
      {rule: 'notUtf8', versions: old, good: '30 05 0003 efbfbd', bad: packet('30', field)},
      {
        rule: 'notUtf8',
        versions: old,
        good: '82 08 0007 0003 efbfbd 00',
        bad: packet('82', `0007 ${field} 00`),
      },
      {rule: 'notUtf8', versions: old, good: 'a2 07 0007 0003 efbfbd', bad: packet('a2', `0007 ${field}`)},
      {rule: 'notUtf8', versions: [5], bad: subscribe5('00', field)},
      {
        rule: 'notUtf8',
        versions: [5],
        good: publish5('26 0001 61 0001 62'),
        bad: publish5(`26 0001 61 ${field}`),
      },
      {rule: 'notUtf8', versions: [5], good: publish5('03 0001 61'), bad: publish5(`03 ${field}`)},
      {rule: 'notUtf8', versions: [5], bad: publish5(`08 ${field}`)},
      {rule: 'notUtf8', versions: [5], bad: packet('e0', `00 ${sized(`1f ${field}`)}`)},
      {rule: 'notUtf8', versions: [5], bad: packet('40', `0007 00 ${sized(`26 ${field} 0001 61`)}`)},
      {rule: 'notUtf8', versions: [5], first: true, bad: connect5('02', `15 ${field}`)},
    ];
  }),
  {rule: 'nul', versions: old, bad: packet('30', '0002 6100')},
  {rule: 'nul', versions: old, bad: packet('82', '0007 0002 6100 00')},
  {rule: 'nul', versions: old, bad: packet('a2', '0007 0002 6100')},
  {rule: 'nul', versions: [4], first: true, bad: connect4('02', '0002 6100')},
  {rule: 'nul', versions: [5], bad: publish5('26 0001 61 0001 00')},
  // packet identifiers and reason codes
  {rule: 'packetId', versions: all, good: '32 06 0001 61 0007 00', bad: '32 06 0001 61 0000 00'},
  {rule: 'packetId', versions: all, bad: '34 06 0001 61 0000 00'},
  ...['40', '50', '62', '70'].map(
    (first): Row => ({rule: 'packetId', versions: all, good: `${first} 02 0007`, bad: `${first} 02 0000`}),
  ),
  {rule: 'packetId', versions: old, good: '82 06 0007 0001 61 00', bad: '82 06 0000 0001 61 00'},
  {rule: 'packetId', versions: old, good: 'a2 05 0007 0001 61', bad: 'a2 05 0000 0001 61'},
  {rule: 'packetId', versions: [5], good: subscribe5('00'), bad: packet('82', '0000 00 0001 61 00')},
  {rule: 'reasonCode', versions: [5], good: '40 03 0007 10', bad: '40 03 0007 92'},
  {rule: 'reasonCode', versions: [5], good: '50 03 0007 99', bad: '50 03 0007 01'},
  {rule: 'reasonCode', versions: [5], good: '62 03 0007 92', bad: '62 03 0007 10'},
  {rule: 'reasonCode', versions: [5], good: '70 03 0007 92', bad: '70 03 0007 80'},
  ...['87', '8d', '8e', '9c', '01'].map(
    (code): Row => ({rule: 'reasonCode', versions: [5], good: 'e0 01 04', bad: `e0 01 ${code}`}),
  ),
  // CONNECT
  {
    rule: 'protocolName',
    versions: [4, 5],
    first: true,
    bad: packet('10', '0004 6d717474 04 02 001e 0001 61'),
  },
  {rule: 'protocolName', versions: [4], first: true, bad: packet('10', '0000 04 02 001e 0001 61')},
  ...['00', '03', '06', '85', 'ff'].map(
    (level): Row => ({
      ...{rule: 'protocolLevel', versions: [4, 5], first: true},
      bad: packet('10', `0004 4d515454 ${level} 02 001e 0001 61`),
    }),
  ),
  {
    rule: 'protocolLevel',
    versions: [3],
    first: true,
    bad: packet('10', '0006 4d5149736470 04 02 001e 0001 61'),
  },
  {rule: 'connectFlag', versions: [4], first: true, bad: connect4('03', '0001 61')},
  {rule: 'connectFlag', versions: [5], first: true, bad: connect5('03', '')},
  {rule: 'qosWithoutWill', versions: [4], first: true, bad: connect4('0a', '0001 61')},
  {rule: 'qosWithoutWill', versions: [5], first: true, bad: connect5('12', '')},
  {rule: 'retainWithoutWill', versions: [4], first: true, bad: connect4('22', '0001 61')},
  {rule: 'retainWithoutWill', versions: [5], first: true, bad: connect5('22', '')},
  {
    ...{rule: 'willQos', versions: [4], first: true},
    good: connect4('16', '0001 61 0001 77 0001 78'),
    bad: connect4('1e', '0001 61 0001 77 0001 78'),
  },
  {rule: 'willQos', versions: [5], first: true, bad: connect5('1e', '', '0001 61 00 0001 77 0001 78')},
  {
    ...{rule: 'willRetain', versions: [5], first: true},
    good: connect5('06', '', '0001 61 00 0001 77 0001 78'),
    bad: connect5('26', '', '0001 61 00 0001 77 0001 78'),
  },
  {
    ...{rule: 'lonePassword', versions: [4], first: true},
    good: connect4('c2', '0001 61 0001 75 0001 70'),
    bad: connect4('42', '0001 61 0001 70'),
  },
  {
    ...{rule: 'loneAuthenticationData', versions: [5], first: true},
    good: connect5('42', '15 0001 6d 16 0001 64', '0001 61 0001 70'),
    bad: connect5('02', '16 0001 64'),
  },
  // topics and filters
  {rule: 'topicEmpty', versions: old, bad: '30 03 0000 78'},
  {rule: 'topicEmpty', versions: [5], bad: '30 04 0000 00 78'},
  {rule: 'topicEmpty', versions: [4], first: true, bad: connect4('06', '0001 61 0000 0001 78')},
  {rule: 'topicEmpty', versions: [5], first: true, bad: connect5('06', '', '0001 61 00 0000 0001 78')},
  ...['2b', '23'].map(
    (wildcard): Row => ({rule: 'topicWildcard', versions: all, bad: `30 05 0002 61${wildcard} 00`}),
  ),
  {rule: 'topicWildcard', versions: [4], first: true, bad: connect4('06', '0001 61 0001 23 0001 78')},
  {rule: 'responseTopic', versions: [5], good: publish5('08 0001 61'), bad: publish5('08 0001 2b')},
  {rule: 'responseTopic', versions: [5], bad: publish5('08 0000')},
  {
    ...{rule: 'responseTopic', versions: [5], first: true},
    bad: connect5('06', '', '0001 61 04 08 0001 23 0001 77 0001 78'),
  },
  {rule: 'noFilter', versions: old, bad: '82 02 0007'},
  {rule: 'noFilter', versions: old, bad: 'a2 02 0007'},
  {rule: 'noFilter', versions: [5], bad: '82 03 0007 00'},
  {rule: 'noFilter', versions: [5], bad: 'a2 03 0007 00'},
  {rule: 'filterEmpty', versions: old, good: '82 06 0007 0001 61 00', bad: '82 05 0007 0000 00'},
  {rule: 'filterEmpty', versions: old, good: 'a2 05 0007 0001 61', bad: 'a2 04 0007 0000'},
  {rule: 'filterEmpty', versions: [5], bad: subscribe5('00', '0000')},
  {rule: 'filterEmpty', versions: [5], bad: 'a2 05 0007 00 0000'},
  ...['612b', '23612f', '612f2361'].map(
    (filter): Row => ({
      ...{rule: 'filter', versions: old},
      good: packet('a2', '0007 0003 2b2f23'),
      bad: packet('a2', `0007 000${filter.length / 2} ${filter}`),
    }),
  ),
  {rule: 'subscribeQos', versions: old, good: '82 06 0007 0001 61 02', bad: '82 06 0007 0001 61 03'},
  {rule: 'subscribeQos', versions: [5], good: subscribe5('02'), bad: subscribe5('03')},
  {rule: 'subscribeOptions', versions: old, bad: '82 06 0007 0001 61 04'},
  {rule: 'subscribeOptions', versions: [5], good: subscribe5('2e'), bad: subscribe5('40')},
  {rule: 'subscribeOptions', versions: [5], bad: subscribe5('80')},
  {rule: 'retainHandling', versions: [5], good: subscribe5('20'), bad: subscribe5('30')},
  {rule: 'noLocalShared', versions: [5], good: subscribe5('00', shared), bad: subscribe5('04', shared)},
  // properties: where they may stand
  ...[
    ['PUBLISH', publish5('11 00000001')],
    ['PUBLISH', publish5('7f')],
    ['PUBLISH', publish5('00')],
    ['PUBACK', packet('40', `0007 00 ${sized('11 00000001')}`)],
    ['PUBREC', packet('50', `0007 00 ${sized('01 00')}`)],
    ['PUBREL', packet('62', `0007 00 ${sized('23 0001')}`)],
    ['PUBCOMP', packet('70', `0007 00 ${sized('21 0001')}`)],
    ['SUBSCRIBE', subscribe5('00', '0001 61', '1f 0001 61')],
    ['UNSUBSCRIBE', packet('a2', `0007 ${sized('0b 01')} 0001 61`)],
    ['DISCONNECT', packet('e0', `00 ${sized('21 0001')}`)],
  ].map(([, bad]): Row => ({rule: 'property', versions: [5], bad: bad ?? ''})),
  ...['1f 0001 61', '12 0001 61', '13 0001', '24 01', '25 01', '18 00000001', '01 00', '2a 01'].map(
    (property): Row => ({rule: 'property', versions: [5], first: true, bad: connect5('02', property)}),
  ),
  {
    ...{rule: 'property', versions: [5], first: true},
    good: connect5('06', '', '0001 61 05 18 00000001 0001 77 0001 78'),
    bad: connect5('06', '', '0001 61 05 11 00000001 0001 77 0001 78'),
  },
  {rule: 'propertyOfServer', versions: [5], bad: publish5('0b 01')},
  {rule: 'propertyOfServer', versions: [5], bad: packet('e0', `00 ${sized('1c 0001 61')}`)},
  ...['11 00000001', '21 0001', '22 0001', '27 00000001', '17 01', '19 01', '15 0001 61'].map(
    (property): Row => ({
      ...{rule: 'propertyTwice', versions: [5], first: true},
      good: connect5('02', property),
      bad: connect5('02', `${property} ${property}`),
    }),
  ),
  ...['01 01', '02 00000001', '03 0001 61', '08 0001 61', '09 0001 61'].map(
    (property): Row => ({
      ...{rule: 'propertyTwice', versions: [5]},
      good: publish5(`${property} 26 0001 61 0001 62 26 0001 61 0001 62`),
      bad: publish5(`${property} ${property}`),
    }),
  ),
  {
    ...{rule: 'propertyTwice', versions: [5]},
    good: packet('40', `0007 00 ${sized('1f 0001 61')}`),
    bad: packet('40', `0007 00 ${sized('1f 0001 61 1f 0001 61')}`),
  },
  {rule: 'propertyLength', versions: [5], bad: packet('30', '0001 61 09 01 01')},
  {rule: 'truncated', versions: [5], bad: packet('30', '0001 61 03 02 0000 0001 78')},
  // properties: their values
  {
    rule: 'propertyZero',
    versions: [5],
    first: true,
    good: connect5('02', '21 0001'),
    bad: connect5('02', '21 0000'),
  },
  {
    ...{rule: 'propertyZero', versions: [5], first: true},
    good: connect5('02', '27 00000001'),
    bad: connect5('02', '27 00000000'),
  },
  {rule: 'propertyZero', versions: [5], bad: subscribe5('00', '0001 61', '0b 00')},
  {
    rule: 'propertyFlag',
    versions: [5],
    first: true,
    good: connect5('02', '17 00'),
    bad: connect5('02', '17 02'),
  },
  {
    rule: 'propertyFlag',
    versions: [5],
    first: true,
    good: connect5('02', '19 01'),
    bad: connect5('02', '19 ff'),
  },
  {rule: 'propertyFlag', versions: [5], good: publish5('01 01'), bad: publish5('01 02')},
  {rule: 'topicAlias', versions: [5], bad: publish5('23 0001')},
  {rule: 'topicAlias', versions: [5], bad: publish5('23 0000')},
  {rule: 'topicAlias', versions: [5], bad: '30 06 0000 03 23 0001'},
  {rule: 'subscriptionId', versions: [5], bad: subscribe5('00', '0001 61', '0b 01')},
];

/** What came of the bytes on a connection of that version. */
function faultOf(bytes: string, version: ProtocolVersion, first = false): MqttProtocolError | undefined {
  const reader = new PacketReader(65_535, {onPacket: () => {}});
  if (!first) reader.read(hex(hello[version]));
  try {
    reader.read(hex(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof MqttProtocolError) return error;
    throw error;
  }
}

const cases = rows.flatMap((row) => row.versions.map((version) => ({...row, version})));

describe('D3: the rules of MQTT for the packets of a client', () => {
  test.each(cases)('$version $rule: $bad', ({rule, version, first, good, bad}) => {
    const {clause, code, text}: MqttRule = mqttRules[rule];
    if (good !== undefined) expect(faultOf(good, version, first)?.message).toBeUndefined();
    const fault = faultOf(bad, version, first);
    expect(fault?.message).toContain(`with ${text}`);
    expect(fault?.reasonCode).toBe(code);
    const cited = clause[version === 5 ? 5 : 4];
    const isOpening = first === true && fault?.message.includes('MQTT') === true;
    if (cited !== undefined && !isOpening) expect(fault?.message).toContain(`[${cited}]`);
  });

  test('each is broken by a test packet in each version that has the rule', () => {
    const broken = new Set(cases.map(({rule, version}) => `${rule} ${version === 5 ? 5 : 4}`));
    const wanted = Object.entries(mqttRules).flatMap(([rule, {clause}]) =>
      Object.keys(clause).map((version) => `${rule} ${version}`),
    );
    expect(wanted.filter((one) => !broken.has(one))).toEqual(['expiryAfterNone 5']); // below
  });

  test('a session expiry in DISCONNECT requires one in CONNECT', () => {
    const left: string[] = [];
    const port = (wantsExpiry: boolean) => ({
      version: 5 as const,
      wantsExpiry,
      unreleased: new Set<number>(),
      reply: () => {},
      message: () => {},
      subscriptions: new Subscriptions(),
      acknowledged: () => {},
      isInFlight: () => false,
      leave: () => void left.push(String(wantsExpiry)),
    });
    const bye = (sessionExpiryInterval: number) =>
      ({cmd: 'disconnect', reasonCode: 0, properties: {sessionExpiryInterval}}) as const;
    handlePacket(bye(5), port(true));
    handlePacket(bye(0), port(false));
    expect(left).toEqual(['true', 'false']);
    expect(() => handlePacket(bye(5), port(false))).toThrow(/\[3\.14\.2\.2\.2\]/);
  });

  test('MQTT 3.1 may set the unused flag of CONNECT', () => {
    expect(faultOf(packet('10', '0006 4d5149736470 03 03 001e 0001 61'), 3, true)).toBeUndefined();
  });

  test('MQTT 3.1 may repeat DUP, and may announce a user name or password that is missing', () => {
    for (const again of ['8a 06 0007 0001 61 00', 'aa 05 0007 0001 61', '6a 02 0007', '38 04 0001 61 78'])
      expect(faultOf(again, 3)).toBeUndefined();
    const got: unknown[] = [];
    const take = (bytes: string) =>
      new PacketReader(100, {onPacket: (one) => got.push(one)}).read(hex(bytes));
    take(packet('10', '0006 4d5149736470 03 c2 001e 0001 61'));
    take(packet('10', '0006 4d5149736470 03 c2 001e 0001 61 0001 75'));
    expect(got).toMatchObject([{clientId: 'a'}, {clientId: 'a', username: 'u'}]);
    expect(got[0]).not.toHaveProperty('username');
    expect(got[1]).not.toHaveProperty('password');
  });

  test('a faulty CONNECT of MQTT 5 and one of an unknown version get a CONNACK', () => {
    const answers = [
      [connect5('02', '21 0000'), 5],
      [connect5('03', ''), 5],
      [packet('10', '0004 4d515454 07 02 001e 0001 61'), 4],
      [connect4('03', '0001 61'), undefined],
      ['10 06 0004 4d515454', undefined],
      ['c0 00', undefined],
    ] as const;
    for (const [bytes, version] of answers) expect(faultOf(bytes, 4, true)?.connackVersion).toBe(version);
  });
});
