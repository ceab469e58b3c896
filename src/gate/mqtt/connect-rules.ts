import {randomBytes} from 'node:crypto';
import type {IConnackPacket, IConnectPacket} from 'mqtt-packet';
import type {Admission} from '../admission/admission.js';
import type {GateLimits} from '../node/gate-options.js';
import type {ClientMessage} from './client-message.js';
import {mqttReasonCodes} from './mqtt-protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';

/** Return codes in a CONNACK of MQTT 3.1.1 [3.2.2.3]. MQTT 5 has reason codes instead. */
const returnCode = {
  badVersion: 1,
  clientIdNotValid: 2,
  serverUnavailable: 3,
  quotaExceeded: 3,
  useAnotherServer: 3,
  badCredentials: 4,
  notAuthorized: 5,
  badAuthenticationMethod: 5,
  willRefused: 5,
} as const;

export type ConnectRefusal = keyof typeof returnCode;

const reasonCode: Readonly<Record<ConnectRefusal, number>> = {
  badVersion: mqttReasonCodes.unsupportedVersion,
  clientIdNotValid: mqttReasonCodes.clientIdNotValid,
  serverUnavailable: mqttReasonCodes.serverUnavailable,
  quotaExceeded: mqttReasonCodes.quotaExceeded,
  useAnotherServer: mqttReasonCodes.useAnotherServer,
  badCredentials: mqttReasonCodes.badCredentials,
  notAuthorized: mqttReasonCodes.notAuthorized,
  badAuthenticationMethod: mqttReasonCodes.badAuthenticationMethod,
  willRefused: mqttReasonCodes.topicNameInvalid,
};

/** Reason strings for MQTT 5. */
export const connectRefusalTexts: Readonly<Record<ConnectRefusal, string>> = {
  badVersion: 'this version of MQTT is not supported',
  clientIdNotValid: 'the client id is not valid',
  serverUnavailable: 'the gate accepts no more clients at the moment',
  useAnotherServer: 'the gate is draining: connect to another gate',
  quotaExceeded: 'the user has too many sessions',
  badCredentials: 'wrong user name or password',
  notAuthorized: 'not authorized',
  badAuthenticationMethod: 'authentication methods are not supported',
  willRefused:
    'this will is not accepted: its topic must be <module>/HD_<function>, or the gate accepts no wills',
};

/** Contents of a valid CONNECT. */
export interface ConnectRequest {
  readonly version: ProtocolVersion;
  readonly clientId: string;
  /** True if the gate chose the client id. An MQTT 5 client must be told the id. */
  readonly assigned: boolean;
  /** In seconds; 0 means no keep-alive. */
  readonly keepAlive: number;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Maximum size of a packet that the client accepts, in bytes; undefined for no limit. */
  readonly maximumPacketBytes: number | undefined;
  /** Maximum number of unacknowledged QoS 1 messages that the client accepts; undefined for no limit. */
  readonly receiveMaximum: number | undefined;
  readonly wantsExpiry: boolean;
  /** True unless Request Problem Information is 0 [MQTT5 3.1.2.11.7]. */
  readonly allowsReasonStrings: boolean;
  readonly will: ClientMessage | undefined;
}

/** Evaluates a valid CONNECT. Returns its contents, or a ConnectRefusal to send in a CONNACK. */
export function evaluateConnect(packet: IConnectPacket): ConnectRequest | ConnectRefusal {
  const {clientId, username, password, properties, keepalive = 0} = packet;
  const version = mqttVersionOf(packet);
  if (clientId === '' && version === 3) return 'clientIdNotValid'; // MQTT 3.1 requires 1 to 23 characters; longer ids are accepted
  if (clientId === '' && packet.clean === false && version === 4) return 'clientIdNotValid'; // [MQTT-3.1.3-8]
  if (version === 3 && password !== undefined && username === undefined) return 'notAuthorized';
  if (properties?.authenticationMethod !== undefined) return 'badAuthenticationMethod'; // AUTH exchanges are not supported
  return {
    version,
    clientId: clientId === '' ? `auto-${randomBytes(8).toString('hex')}` : clientId,
    assigned: clientId === '',
    keepAlive: keepalive,
    username,
    password,
    maximumPacketBytes: properties?.maximumPacketSize,
    receiveMaximum: properties?.receiveMaximum,
    wantsExpiry: (properties?.sessionExpiryInterval ?? 0) > 0,
    allowsReasonStrings: properties?.requestProblemInformation !== false,
    will: willOf(packet),
  };
}

/** Copies the will, because its bytes belong to the parser. Ignores RETAIN, which MQTT 3.1.1 allows. */
function willOf({will}: IConnectPacket): ClientMessage | undefined {
  if (will === undefined) return undefined;
  const {topic, payload, properties: {responseTopic, correlationData} = {}} = will;
  return {
    topic,
    body: Buffer.from(payload),
    responseTopic,
    correlationData: correlationData && Buffer.from(correlationData),
  };
}

/**
 * Returns the keep-alive to use, in seconds: the one the client asked for, at most the gate's limit. 0 means no
 * keep-alive.
 */
export function effectiveKeepAlive(
  asked: number,
  {maxKeepAliveSeconds: limit}: Pick<GateLimits, 'maxKeepAliveSeconds'>,
): number {
  return limit > 0 && (asked === 0 || asked > limit) ? limit : asked;
}

/** Returns the refusal for a client whose session is closed before its CONNACK, with the reason code of MQTT 5. */
export const refusalForCloseReason = (closeReason: number): ConnectRefusal =>
  closeReason === mqttReasonCodes.useAnotherServer ? 'useAnotherServer' : 'serverUnavailable';

export const refusalOfAdmission = ({refusal = 'notAuthorized'}: Admission): ConnectRefusal =>
  refusal === 'unavailable' ? 'serverUnavailable' : refusal;

/** Returns the MQTT version of a valid CONNECT. */
export const mqttVersionOf = ({protocolVersion}: IConnectPacket): ProtocolVersion => protocolVersion ?? 4;

/** Maximum number of unacknowledged QoS 1 and 2 messages from a client. */
export const receiveMaximum = 1024;

/**
 * Returns the CONNACK for an accepted client. In MQTT 5 it lists what the gate does not support, and has the
 * keep-alive if the gate overrides it [MQTT5 3.2.2-21].
 */
export function acceptingConnack(
  request: ConnectRequest,
  limits: Pick<GateLimits, 'maxPacketBytes' | 'maxKeepAliveSeconds'>,
): IConnackPacket {
  const keepAlive = effectiveKeepAlive(request.keepAlive, limits);
  if (request.version !== 5) return {cmd: 'connack', sessionPresent: false, returnCode: 0};
  return {
    cmd: 'connack',
    sessionPresent: false,
    reasonCode: 0,
    properties: {
      receiveMaximum,
      maximumPacketSize: limits.maxPacketBytes,
      retainAvailable: false,
      sharedSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      ...(request.assigned && {assignedClientIdentifier: request.clientId}),
      ...(request.wantsExpiry && {sessionExpiryInterval: 0}),
      ...(keepAlive !== request.keepAlive && {serverKeepAlive: keepAlive}),
    },
  };
}

export function refusingConnack(version: ProtocolVersion, why: ConnectRefusal): IConnackPacket {
  if (version === 5) return connackOf(reasonCode[why]);
  return {cmd: 'connack', sessionPresent: false, returnCode: returnCode[why]};
}

/** Returns the CONNACK for an invalid CONNECT. Before MQTT 5, only an unknown version gets one [MQTT-3.1.2-2, -3.1.4-1]. */
export const connackForFault = (version: ProtocolVersion, code: number): IConnackPacket =>
  version === 5 ? connackOf(code) : refusingConnack(version, 'badVersion');

const connackOf = (code: number): IConnackPacket => ({
  cmd: 'connack',
  sessionPresent: false,
  reasonCode: code,
});
