import {randomBytes} from 'node:crypto';
import type {IConnackPacket, IConnectPacket} from 'mqtt-packet';
import {reason} from './protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';

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

/** What a CONNECT that broke no rule comes to; a Refusal is answered by a CONNACK. */
export function judgeConnect(packet: IConnectPacket): ConnectRequest | Refusal {
  const {clientId, username, password, properties, keepalive = 0} = packet;
  const version = versionOf(packet);
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

/** Of a CONNECT that broke no rule. */
export const versionOf = ({protocolVersion}: IConnectPacket): ProtocolVersion => protocolVersion ?? 4;

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
  if (version === 5) return connackOf(reasonCode[why]);
  return {cmd: 'connack', sessionPresent: false, returnCode: returnCode[why]};
}

/** The answer to a CONNECT that broke a rule. Before MQTT 5 only an unknown version has one [MQTT-3.1.2-2]. */
export const faultAnswer = (version: ProtocolVersion, code: number): IConnackPacket =>
  version === 5 ? connackOf(code) : refusal(version, 'badVersion');

const connackOf = (code: number): IConnackPacket => ({
  cmd: 'connack',
  sessionPresent: false,
  reasonCode: code,
});
