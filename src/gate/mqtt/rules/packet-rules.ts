import {mqttReasonCodes} from '../mqtt-protocol-error.js';

/**
 * Rules of the MQTT standards for packets from clients, as data for `check-first-byte.ts` and `check-packet.ts`.
 * Clauses are those of MQTT 3.1.1 and MQTT 5, or section numbers where there is no clause. MQTT 3.1 follows the rules of
 * 3.1.1, except for DUP flags, the reserved flag in CONNECT, and an omitted user name or password.
 */
export interface MqttRule {
  /** Describes what is wrong with the packet, for logs. Contains no bytes from the client. */
  readonly text: string;
  /** Clause by version; undefined if a version has no such rule. */
  readonly clause: Readonly<Partial<Record<4 | 5, string>>>;
  /** The MQTT 5 reason code. Before MQTT 5 the connection is closed without a reason. */
  readonly code: number;
}

const {malformedPacket: malformed, protocolError: protocol} = mqttReasonCodes;
const both = (clause: string) => ({4: clause, 5: clause});

export const mqttRules = {
  // the fixed header
  reservedType: {text: 'a reserved type', clause: {4: '2.2.1', 5: '2.1.2'}, code: malformed},
  reservedFlags: {text: 'reserved flags', clause: {4: 'MQTT-2.2.2-2', 5: 'MQTT-2.1.3-1'}, code: malformed},
  publishQos: {text: 'QoS 3', clause: both('MQTT-3.3.1-4'), code: malformed},
  dupOfQos0: {text: 'DUP and QoS 0', clause: both('MQTT-3.3.1-2'), code: malformed},
  retain: {text: 'RETAIN', clause: {5: 'MQTT-3.2.2-14'}, code: mqttReasonCodes.retainNotSupported},
  longLength: {text: 'a remaining length of five bytes', clause: {4: '2.2.3', 5: '1.5.5'}, code: malformed},
  paddedLength: {text: 'a padded length', clause: {5: 'MQTT-1.5.5-1'}, code: malformed},
  dialectBeforeConnect: {text: 'no CONNECT before it', clause: both('MQTT-3.1.0-1'), code: protocol},
  secondConnect: {text: 'a CONNECT before it', clause: both('MQTT-3.1.0-2'), code: protocol},
  fromServer: {text: 'a client as its sender', clause: {4: '2.2.1', 5: '2.1.2'}, code: protocol},
  authExchange: {text: 'no authentication method agreed', clause: {5: 'MQTT-4.12.0-7'}, code: protocol},
  // any packet
  truncated: {
    text: 'fewer bytes than its fields',
    clause: {4: 'MQTT-4.8.0-1', 5: 'MQTT-4.13.1-1'},
    code: malformed,
  },
  trailing: {text: 'bytes after its end', clause: {4: 'MQTT-4.8.0-1', 5: 'MQTT-4.13.1-1'}, code: malformed},
  notUtf8: {
    text: 'text that is not UTF-8',
    clause: {4: 'MQTT-1.5.3-1', 5: 'MQTT-1.5.4-1'},
    code: malformed,
  },
  nul: {text: 'a NUL in a text', clause: {4: 'MQTT-1.5.3-2', 5: 'MQTT-1.5.4-2'}, code: malformed},
  packetId: {text: 'packet identifier 0', clause: {4: 'MQTT-2.3.1-1', 5: 'MQTT-2.2.1-3'}, code: protocol},
  reasonCode: {
    text: 'a reason code that a client may not send',
    clause: {5: 'MQTT-3.4.2-1, -3.5.2-1, -3.6.2-1, -3.7.2-1, -3.14.2-1'},
    code: protocol,
  },
  // CONNECT
  protocolName: {
    text: 'another protocol name',
    clause: both('MQTT-3.1.2-1'),
    code: mqttReasonCodes.unsupportedVersion,
  },
  protocolLevel: {
    text: 'another level',
    clause: both('MQTT-3.1.2-2'),
    code: mqttReasonCodes.unsupportedVersion,
  },
  connectFlag: {text: 'the reserved flag', clause: both('MQTT-3.1.2-3'), code: malformed},
  qosWithoutWill: {
    text: 'a will QoS and no will',
    clause: {4: 'MQTT-3.1.2-13', 5: 'MQTT-3.1.2-11'},
    code: malformed,
  },
  retainWithoutWill: {
    text: 'a will RETAIN and no will',
    clause: {4: 'MQTT-3.1.2-15', 5: 'MQTT-3.1.2-13'},
    code: malformed,
  },
  willQos: {text: 'a will of QoS 3', clause: {4: 'MQTT-3.1.2-14', 5: 'MQTT-3.1.2-12'}, code: malformed},
  willRetain: {
    text: 'a retained will',
    clause: {5: 'MQTT-3.2.2-13'},
    code: mqttReasonCodes.retainNotSupported,
  },
  lonePassword: {text: 'a password and no user name', clause: {4: 'MQTT-3.1.2-22'}, code: malformed},
  loneAuthenticationData: {
    text: 'authentication data and no method',
    clause: {5: '3.1.2.11.10'},
    code: protocol,
  },
  // topics and filters
  topicEmpty: {text: 'an empty topic', clause: both('MQTT-4.7.3-1'), code: protocol},
  topicWildcard: {
    text: 'a wildcard in its topic',
    clause: {4: 'MQTT-3.3.2-2, -4.7.1-1', 5: 'MQTT-3.3.2-2, -4.7.0-1'},
    code: mqttReasonCodes.topicNameInvalid,
  },
  responseTopic: {
    text: 'a response topic that is empty or has a wildcard',
    clause: {5: 'MQTT-3.3.2-14, -4.7.3-1'},
    code: protocol,
  },
  noFilter: {
    text: 'no topic filter',
    clause: {4: 'MQTT-3.8.3-3, -3.10.3-2', 5: 'MQTT-3.8.3-2, -3.10.3-2'},
    code: protocol,
  },
  filterEmpty: {text: 'an empty topic filter', clause: both('MQTT-4.7.3-1'), code: protocol},
  /** Only for UNSUBSCRIBE before MQTT 5. SUBACK, and UNSUBACK in MQTT 5, can reject a filter. */
  filter: {
    text: 'a misplaced wildcard',
    clause: {4: 'MQTT-4.7.1-2, -3'},
    code: mqttReasonCodes.topicFilterInvalid,
  },
  subscribeQos: {text: 'QoS 3', clause: {4: 'MQTT-3.8.3-4', 5: '3.8.3.1'}, code: protocol},
  subscribeOptions: {
    text: 'reserved bits in its options',
    clause: {4: 'MQTT-3.8.3-4', 5: 'MQTT-3.8.3-5'},
    code: malformed,
  },
  retainHandling: {text: 'retain handling 3', clause: {5: '3.8.3.1'}, code: protocol},
  noLocalShared: {
    text: 'no-local on a shared subscription',
    clause: {5: 'MQTT-3.8.3-4'},
    code: protocol,
  },
  // properties
  property: {text: 'a property that it cannot have', clause: {5: '2.2.2.2'}, code: malformed},
  propertyOfServer: {
    text: 'a property that only servers send',
    clause: {5: 'MQTT-3.3.4-6, 3.14.2.2.5'},
    code: protocol,
  },
  propertyTwice: {text: 'a property twice', clause: {5: '2.2.2.2'}, code: protocol},
  propertyLength: {
    text: 'properties longer or shorter than it says',
    clause: {5: '2.2.2.1'},
    code: malformed,
  },
  propertyZero: {text: 'a property of value 0', clause: {5: '3.1.2.11.3, .4, 3.8.2.1.2'}, code: protocol},
  propertyFlag: {
    text: 'a property other than 0 or 1',
    clause: {5: '3.1.2.11.6, .7, 3.3.2.3.2'},
    code: protocol,
  },
  topicAlias: {text: 'a topic alias', clause: {5: 'MQTT-3.2.2-18'}, code: mqttReasonCodes.topicAliasInvalid},
  subscriptionId: {
    text: 'a subscription identifier',
    clause: {5: '3.2.2.3.12'},
    code: mqttReasonCodes.subscriptionIdsNotSupported,
  },
  /** Checked by the connection, which knows what CONNECT asked for. */
  expiryAfterNone: {
    text: 'a session expiry that CONNECT did not ask for',
    clause: {5: '3.14.2.2.2'},
    code: protocol,
  },
} as const satisfies Readonly<Record<string, MqttRule>>;

/** Fields of a packet, in the order on the wire. `reason` and everything after it are optional. */
export type PacketField =
  | 'properties'
  | 'clientId'
  | 'will'
  | 'userName'
  | 'password'
  | 'topic'
  | 'idOfQos'
  | 'payload'
  | 'id'
  | 'subscriptions'
  | 'filters'
  | 'reason';

export interface PacketRule {
  readonly name: string;
  readonly sender: 'client' | 'server' | 'nobody';
  /** Required flags in the fixed header; undefined for PUBLISH, whose flags are values. */
  readonly flags?: number;
  /** True if MQTT 3.1 allows the DUP flag. */
  readonly hasDupIn31?: boolean;
  /** Fields in MQTT 3.1 and 3.1.1, and in MQTT 5 unless `fields5` is set. */
  readonly fields: readonly PacketField[];
  readonly fields5?: readonly PacketField[];
  /** Reason codes that a client may send in MQTT 5. */
  readonly reasons?: ReadonlySet<number>;
}

const ofServer = (name: string): PacketRule => ({name, sender: 'server', flags: 0, fields: []});
const acknowledged = new Set([0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
const released = new Set([0x00, 0x92]);
const disconnected = new Set([
  ...[0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93],
  ...[0x94, 0x95, 0x96, 0x97, 0x98, 0x99],
]);
const acknowledgement = {sender: 'client', fields: ['id'], fields5: ['id', 'reason']} as const;

/** By packet type. */
export const packetRules: readonly PacketRule[] = [
  {name: 'type 0', sender: 'nobody', flags: 0, fields: []},
  {
    ...{name: 'CONNECT', sender: 'client', flags: 0},
    fields: ['clientId', 'will', 'userName', 'password'],
    fields5: ['properties', 'clientId', 'will', 'userName', 'password'],
  },
  ofServer('CONNACK'),
  {
    ...{name: 'PUBLISH', sender: 'client'},
    fields: ['topic', 'idOfQos', 'payload'],
    fields5: ['topic', 'idOfQos', 'properties', 'payload'],
  },
  {...acknowledgement, name: 'PUBACK', flags: 0, reasons: acknowledged},
  {...acknowledgement, name: 'PUBREC', flags: 0, reasons: acknowledged},
  {...acknowledgement, name: 'PUBREL', flags: 2, hasDupIn31: true, reasons: released},
  {...acknowledgement, name: 'PUBCOMP', flags: 0, reasons: released},
  {
    ...{name: 'SUBSCRIBE', sender: 'client', flags: 2, hasDupIn31: true},
    fields: ['id', 'subscriptions'],
    fields5: ['id', 'properties', 'subscriptions'],
  },
  ofServer('SUBACK'),
  {
    ...{name: 'UNSUBSCRIBE', sender: 'client', flags: 2, hasDupIn31: true},
    fields: ['id', 'filters'],
    fields5: ['id', 'properties', 'filters'],
  },
  ofServer('UNSUBACK'),
  {name: 'PINGREQ', sender: 'client', flags: 0, fields: []},
  ofServer('PINGRESP'),
  {
    ...{name: 'DISCONNECT', sender: 'client', flags: 0, fields: []},
    fields5: ['reason'],
    reasons: disconnected,
  },
  {name: 'AUTH', sender: 'nobody', flags: 0, fields: []},
];

export interface PropertyRule {
  readonly kind: 'byte' | 'two bytes' | 'four bytes' | 'varint' | 'text' | 'pair' | 'binary';
  /** Client packets that may contain the property; `will` is the will in CONNECT. */
  readonly of: readonly string[];
  /** The packet in which only servers may send the property. */
  readonly ofServer?: string;
  /** The rule that is broken by the value 0, by a value above 1, by an invalid topic, or by any value. */
  readonly zero?: MqttRule;
  readonly aboveOne?: MqttRule;
  readonly noTopic?: MqttRule;
  readonly any?: MqttRule;
  readonly repeats?: boolean;
}

const acknowledgements = ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'];
const message = ['PUBLISH', 'will'];

/** Properties that a client may send, by identifier [MQTT5 2.2.2.2]. */
export const propertyRules: ReadonlyMap<number, PropertyRule> = new Map<number, PropertyRule>([
  [0x01, {kind: 'byte', of: message, aboveOne: mqttRules.propertyFlag}], // payload format indicator
  [0x02, {kind: 'four bytes', of: message}], // message expiry interval
  [0x03, {kind: 'text', of: message}], // content type
  [0x08, {kind: 'text', of: message, noTopic: mqttRules.responseTopic}], // response topic
  [0x09, {kind: 'binary', of: message}], // correlation data
  [
    0x0b, // subscription identifier
    {
      ...{kind: 'varint', of: ['SUBSCRIBE'], ofServer: 'PUBLISH'},
      zero: mqttRules.propertyZero,
      any: mqttRules.subscriptionId,
    },
  ],
  [0x11, {kind: 'four bytes', of: ['CONNECT', 'DISCONNECT']}], // session expiry interval
  [0x15, {kind: 'text', of: ['CONNECT']}], // authentication method
  [0x16, {kind: 'binary', of: ['CONNECT']}], // authentication data
  [0x17, {kind: 'byte', of: ['CONNECT'], aboveOne: mqttRules.propertyFlag}], // request problem information
  [0x18, {kind: 'four bytes', of: ['will']}], // will delay interval
  [0x19, {kind: 'byte', of: ['CONNECT'], aboveOne: mqttRules.propertyFlag}], // request response information
  [0x1c, {kind: 'text', of: [], ofServer: 'DISCONNECT'}], // server reference
  [0x1f, {kind: 'text', of: [...acknowledgements, 'DISCONNECT']}], // reason string
  [0x21, {kind: 'two bytes', of: ['CONNECT'], zero: mqttRules.propertyZero}], // receive maximum
  [0x22, {kind: 'two bytes', of: ['CONNECT']}], // topic alias maximum
  [0x23, {kind: 'two bytes', of: ['PUBLISH'], any: mqttRules.topicAlias}], // topic alias: none allowed
  [
    0x26, // user property
    {
      ...{kind: 'pair', repeats: true},
      of: ['CONNECT', ...message, ...acknowledgements, 'SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT'],
    },
  ],
  [0x27, {kind: 'four bytes', of: ['CONNECT'], zero: mqttRules.propertyZero}], // maximum packet size
]);

export const propertyIds = {authenticationMethod: 0x15, authenticationData: 0x16} as const;
