import type {
  IDisconnectPacket,
  IPublishPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
} from 'mqtt-packet';
import type {ClientMessage} from './client-message.js';
import {receiveMaximum} from './connect-rules.js';
import {MqttProtocolError, mqttReasonCodes} from './mqtt-protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';
import {brokenRuleError} from './rules/check-first-byte.js';
import {mqttRules} from './rules/packet-rules.js';
import {isSharedFilter, isTopicFilter} from './rules/text-rules.js';
import type {Subscriptions} from './subscriptions.js';

/** The connection, as far as the packet handlers need it. */
export interface PacketHandlerConnection {
  readonly version: ProtocolVersion;
  /** True if CONNECT asked for a session that outlives the connection. */
  readonly wantsExpiry: boolean;
  /** Ids of received QoS 2 messages that have not been released. A message with such an id is not routed again. */
  readonly unreleased: Set<number>;
  reply(packet: Packet): void;
  /** Called exactly once per message of the client. */
  message(message: ClientMessage): void;
  readonly subscriptions: Subscriptions;
  /** Called for a PUBACK. `reasonCode` is that of MQTT 5. */
  acknowledged(packetId: number, reasonCode: number): void;
  /** Returns true if a QoS 1 push with this id has no PUBACK yet. */
  isInFlight(packetId: number): boolean;
  /** Called for the client's DISCONNECT. */
  leave(publishesWill: boolean): void;
}

/** Handles a packet of a connected client, whose bytes have been checked. Throws MqttProtocolError. */
export function handlePacket(packet: Packet, port: PacketHandlerConnection): void {
  switch (packet.cmd) {
    case 'publish':
      return onPublish(packet, port);
    case 'pubrel':
      return onPubrel(packet.messageId ?? 0, port);
    case 'subscribe':
      return onSubscribe(packet, port);
    case 'unsubscribe':
      return onUnsubscribe(packet, port);
    case 'pingreq':
      return port.reply({cmd: 'pingresp'});
    case 'disconnect':
      return onDisconnect(packet, port);
    case 'puback':
      return port.acknowledged(packet.messageId ?? 0, packet.reasonCode ?? 0);
    case 'pubrec':
      return onPubrec(packet.messageId ?? 0, packet.reasonCode ?? 0, port);
    case 'pubcomp':
      return forbidInFlight('PUBCOMP', packet.messageId ?? 0, port);
    default:
  }
}

/**
 * Handles DISCONNECT. Checks its session expiry [MQTT5 3.14.2.2.2]. A reason code other than 0, in MQTT 5, keeps the
 * will [MQTT5 3.14.4-3].
 */
function onDisconnect({properties, reasonCode = 0}: IDisconnectPacket, port: PacketHandlerConnection): void {
  const expiry = properties?.sessionExpiryInterval ?? 0;
  if (expiry > 0 && !port.wantsExpiry)
    throw brokenRuleError(mqttRules.expiryAfterNone, 'DISCONNECT', port.version);
  port.leave(reasonCode !== 0);
}

function onPublish(packet: IPublishPacket, port: PacketHandlerConnection): void {
  const {topic, payload, qos, messageId = 0, properties} = packet;
  if (qos === 2) {
    const again = port.unreleased.has(messageId);
    if (!again && port.unreleased.size >= receiveMaximum)
      throw new MqttProtocolError('too many unreleased messages', mqttReasonCodes.receiveMaximumExceeded);
    port.unreleased.add(messageId);
    port.reply({cmd: 'pubrec', messageId, reasonCode: 0});
    if (again) return; // [MQTT-4.3.3-2, MQTT5 4.3.3-10]
  } else if (qos === 1) port.reply({cmd: 'puback', messageId, reasonCode: 0});
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const {responseTopic, correlationData} = properties ?? {};
  port.message({topic, body, responseTopic, correlationData});
}

function onPubrel(messageId: number, port: PacketHandlerConnection): void {
  const known = port.unreleased.delete(messageId);
  port.reply({cmd: 'pubcomp', messageId, reasonCode: known ? 0 : mqttReasonCodes.packetIdNotFound});
}

/**
 * Replies to a PUBREC. No push has QoS 2, so the client is told that there is no such message; it may mean one from
 * an earlier connection.
 */
function onPubrec(messageId: number, reasonCode: number, port: PacketHandlerConnection): void {
  forbidInFlight('PUBREC', messageId, port);
  if (reasonCode < 0x80) port.reply({cmd: 'pubrel', messageId, reasonCode: mqttReasonCodes.packetIdNotFound});
}

/** Throws if a QoS 1 push is acknowledged with anything but PUBACK [MQTT-4.3.2-2, MQTT5 4.3.2-4]. */
function forbidInFlight(name: string, messageId: number, port: PacketHandlerConnection): void {
  if (port.isInFlight(messageId)) throw new MqttProtocolError(`${name} for a QoS 1 message`);
}

const filterRefused = {3: 0x80, 4: 0x80, 5: mqttReasonCodes.topicFilterInvalid} as const;

/** Grants QoS 0 or 1. (mqant replies to SUBSCRIBE only for QoS 2.) */
function onSubscribe({messageId = 0, subscriptions}: ISubscribePacket, port: PacketHandlerConnection): void {
  const granted = subscriptions.map(({topic, qos}) => grantOf(topic, qos, port));
  port.reply({cmd: 'suback', messageId, granted});
}

function grantOf(filter: string, qos: number, {version, subscriptions}: PacketHandlerConnection): number {
  if (!isFilter(filter, version)) return filterRefused[version];
  if (isShared(filter, version)) return mqttReasonCodes.sharedSubscriptionsNotSupported;
  return subscriptions.add(filter, qos) ?? (version === 5 ? mqttReasonCodes.quotaExceeded : 0x80);
}

/** Returns true for a shared subscription. These exist in MQTT 5 only, and their filters have a special form. */
const isShared = (filter: string, version: ProtocolVersion): boolean =>
  version === 5 && filter.startsWith('$share/');

const isFilter = (filter: string, version: ProtocolVersion): boolean =>
  isShared(filter, version) ? isSharedFilter(filter) : isTopicFilter(filter);

/**
 * Handles UNSUBSCRIBE. Before MQTT 5 an UNSUBACK can't reject a filter, so an invalid filter closes the connection.
 */
function onUnsubscribe(
  {messageId = 0, unsubscriptions}: IUnsubscribePacket,
  port: PacketHandlerConnection,
): void {
  const granted = unsubscriptions.map((filter) => {
    if (!isFilter(filter, port.version)) return filterRefused[5];
    return port.subscriptions.remove(filter) ? 0 : mqttReasonCodes.noSubscriptionExisted;
  });
  port.reply({cmd: 'unsuback', messageId, granted});
}
