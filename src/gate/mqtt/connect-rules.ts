import {randomBytes} from 'node:crypto';
import type {IConnackPacket, IConnectPacket} from 'mqtt-packet';
import type {ProtocolVersion} from './codec.js';
import {ProtocolError, reason} from './packet-guard.js';
import {checkProperties} from './properties.js';
import {checkText, checkTopicName} from './text-check.js';

/** Return codes of a v3.1.1 CONNACK [MQTT-3.2.2-3]; v5 has its reason codes. */
const returnCode = {
  badVersion: 1,
  clientIdNotValid: 2,
  serverUnavailable: 3,
  notAuthorized: 5,
  badAuthenticationMethod: 5,
} as const;

export type Refusal = keyof typeof returnCode;

const reasonCode: Readonly<Record<Refusal, number>> = {
  badVersion: reason.unsupportedVersion,
  clientIdNotValid: reason.clientIdNotValid,
  serverUnavailable: reason.serverUnavailable,
  notAuthorized: reason.notAuthorized,
  badAuthenticationMethod: reason.badAuthenticationMethod,
};

/** What a CONNECT comes to. */
export interface ConnectRequest {
  readonly version: ProtocolVersion;
  readonly clientId: string;
  /** The client left it to us to name it, which v5 wants to be told of. */
  readonly assigned: boolean;
  /** Seconds; 0 asks for no keep-alive. */
  readonly keepAlive: number;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Largest packet that the client takes; undefined for no limit. */
  readonly maximumPacketBytes: number | undefined;
  readonly wantsExpiry: boolean;
}

/** Throws ProtocolError for what no answer fits; gives a Refusal for what a CONNACK can say. */
export function judgeConnect(packet: IConnectPacket): ConnectRequest | Refusal {
  const version = versionOf(packet);
  if (version === undefined) return 'badVersion';
  const {clientId, username, password, properties, keepalive = 0} = packet;
  checkText(clientId, 'the client id');
  if (username !== undefined) checkText(username, 'the user name');
  if (packet.will !== undefined) checkTopicName(packet.will.topic);
  if ((packet.will?.qos as number) === 3) throw new ProtocolError('a will of QoS 3', reason.malformedPacket);
  checkProperties(packet.cmd, properties);
  checkProperties('will', packet.will?.properties);
  if (version !== 5) checkEnd(packet);
  if (clientId === '' && version === 3) return 'clientIdNotValid'; // 1 to 23 characters in 3.1; we take more
  if (clientId === '' && packet.clean === false && version === 4) return 'clientIdNotValid'; // [MQTT-3.1.3-8]
  if (version === 3 && password !== undefined && username === undefined) return 'notAuthorized';
  if (properties?.authenticationMethod !== undefined) return 'badAuthenticationMethod'; // no AUTH exchange here
  return {
    version,
    clientId: clientId === '' ? `auto-${randomBytes(8).toString('hex')}` : clientId,
    assigned: clientId === '',
    keepAlive: keepalive,
    username,
    password,
    maximumPacketBytes: properties?.maximumPacketSize,
    wantsExpiry: (properties?.sessionExpiryInterval ?? 0) > 0,
  };
}

/** Nothing may follow the fields that the flags announce; the parser passes it over. */
function checkEnd({
  length = 0,
  protocolId = 'MQTT',
  clientId,
  will,
  username,
  password,
}: IConnectPacket): void {
  const ownBytes = 4; // version, flags, keep-alive
  const fields = [protocolId, clientId, will?.topic, will?.payload, username, password];
  if (length > ownBytes + fields.reduce((sum, field) => sum + fieldBytes(field), 0))
    throw new ProtocolError('bytes after the end of CONNECT', reason.malformedPacket);
}

/** With the two bytes of its length; a field that is not there has none. */
function fieldBytes(field: string | Uint8Array | undefined): number {
  if (field === undefined) return 0;
  return 2 + (typeof field === 'string' ? Buffer.byteLength(field) : field.length);
}

/** 3.1 calls itself MQIsdp, its successors MQTT. */
function versionOf({protocolId, protocolVersion}: IConnectPacket): ProtocolVersion | undefined {
  if (protocolId === 'MQIsdp') return protocolVersion === 3 ? 3 : undefined;
  return protocolVersion === 4 || protocolVersion === 5 ? protocolVersion : undefined;
}

/** Messages of QoS 1 and 2 that one client may have unacknowledged. */
export const receiveMaximum = 1024;

/**
 * Says in v5 what the gate has not got, so that a client need not find out; and the keep-alive, where the gate wants
 * another than the client [MQTT-3.2.2-21].
 */
export function acceptance(
  request: ConnectRequest,
  maxPacketBytes: number,
  isKeepAliveOurs: boolean,
): IConnackPacket {
  if (request.version !== 5) return {cmd: 'connack', sessionPresent: false, returnCode: 0};
  return {
    cmd: 'connack',
    sessionPresent: false,
    reasonCode: 0,
    properties: {
      receiveMaximum,
      maximumPacketSize: maxPacketBytes + 5, // v5 counts the fixed header too
      retainAvailable: false,
      sharedSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      ...(request.assigned && {assignedClientIdentifier: request.clientId}),
      ...(request.wantsExpiry && {sessionExpiryInterval: 0}),
      ...(isKeepAliveOurs && {serverKeepAlive: request.keepAlive}),
    },
  };
}

export function refusal(version: ProtocolVersion, why: Refusal): IConnackPacket {
  if (version === 5) return {cmd: 'connack', sessionPresent: false, reasonCode: reasonCode[why]};
  return {cmd: 'connack', sessionPresent: false, returnCode: returnCode[why]};
}

/** A packet before CONNECT, or CONNECT twice: the connection is closed without a word [MQTT-3.1.0-1, -2]. */
export function outOfOrder(cmd: string): ProtocolError {
  return new ProtocolError(`${cmd} out of order`, reason.protocolError);
}
