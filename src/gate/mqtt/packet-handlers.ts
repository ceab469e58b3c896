import type {IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet} from 'mqtt-packet';
import type {ProtocolVersion} from './codec.js';
import {outOfOrder, receiveMaximum} from './connect-rules.js';
import {ProtocolError, reason} from './packet-guard.js';
import {checkProperties} from './properties.js';
import {checkTopicName, isTopicFilter} from './text-check.js';

/** What the handlers do to the connection that a packet came on. */
export interface PacketPort {
  readonly version: ProtocolVersion;
  /** Ids of QoS 2 messages that were taken and are not yet released: one that comes again is not routed again. */
  readonly unreleased: Set<number>;
  reply(packet: Packet): void;
  /** A message of the client, once. */
  message(topic: string, body: Uint8Array): void;
  /** The client said good-bye. */
  leave(): void;
}

/** Handles a packet of a client that is connected. Throws ProtocolError. */
export function handlePacket(packet: Packet, port: PacketPort): void {
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
      return port.leave();
    case 'puback':
    case 'pubrec':
    case 'pubcomp':
      return checkMessageId(packet.messageId ?? 0); // every push is QoS 0, so there is nothing to acknowledge
    default:
      throw outOfOrder(packet.cmd);
  }
}

function onPublish(packet: IPublishPacket, port: PacketPort): void {
  const {topic, payload, qos, messageId = 0, properties} = packet;
  checkProperties(packet.cmd, properties);
  if (properties?.topicAlias !== undefined)
    throw new ProtocolError('a topic alias, none allowed', reason.protocolError);
  checkTopicName(topic);
  if (qos > 0) checkMessageId(messageId);
  if (qos === 2) {
    const again = port.unreleased.has(messageId);
    if (!again && port.unreleased.size >= receiveMaximum)
      throw new ProtocolError('too many unreleased messages', reason.receiveMaximumExceeded);
    port.unreleased.add(messageId);
    port.reply({cmd: 'pubrec', messageId, reasonCode: 0});
    if (again) return; // [MQTT-4.3.3-10]
  } else if (qos === 1) port.reply({cmd: 'puback', messageId, reasonCode: 0});
  port.message(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
}

/** [MQTT-2.3.1-1]; of a packet that ends before its id the parser makes -1. */
function checkMessageId(messageId: number): void {
  if (messageId < 1) throw new ProtocolError('a message id of 0, or none', reason.malformedPacket);
}

function onPubrel(messageId: number, port: PacketPort): void {
  checkMessageId(messageId);
  const known = port.unreleased.delete(messageId);
  port.reply({cmd: 'pubcomp', messageId, reasonCode: known ? 0 : 0x92}); // 0x92: packet identifier not found
}

const filterRefused = {3: 0x80, 4: 0x80, 5: reason.topicFilterInvalid} as const;

/** Granted at QoS 0, since pushes have that; mqant answers no SUBSCRIBE but those of QoS 2. */
function onSubscribe(packet: ISubscribePacket, port: PacketPort): void {
  const {messageId = 0, subscriptions, properties} = packet;
  checkMessageId(messageId);
  checkProperties(packet.cmd, properties);
  if (subscriptions.length === 0) throw new ProtocolError('SUBSCRIBE to nothing', reason.protocolError);
  const granted = subscriptions.map(({topic}) => {
    if (!isTopicFilter(topic)) return filterRefused[port.version];
    return port.version === 5 && topic.startsWith('$share/') ? 0x9e : 0;
  });
  port.reply({cmd: 'suback', messageId, granted});
}

function onUnsubscribe({messageId = 0, unsubscriptions}: IUnsubscribePacket, port: PacketPort): void {
  checkMessageId(messageId);
  if (unsubscriptions.length === 0) throw new ProtocolError('UNSUBSCRIBE from nothing', reason.protocolError);
  const granted = unsubscriptions.map(() => 0);
  port.reply({cmd: 'unsuback', messageId, granted});
}
