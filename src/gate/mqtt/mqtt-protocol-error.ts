import type {ProtocolVersion} from './protocol-version.js';

/** The reason codes of MQTT 5 that the gate uses [MQTT5 2.4]. */
export const mqttReasonCodes = {
  noSubscriptionExisted: 0x11,
  malformedPacket: 0x81,
  protocolError: 0x82,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  retainNotSupported: 0x9a,
  useAnotherServer: 0x9c,
  sharedSubscriptionsNotSupported: 0x9e,
  maximumConnectTime: 0xa0,
  subscriptionIdsNotSupported: 0xa1,
} as const;

/** Thrown if a client breaks a rule of MQTT or of the gate. Closes only that client's connection. */
export class MqttProtocolError extends Error {
  constructor(
    message: string,
    /** MQTT 5 reason code for the DISCONNECT or CONNACK. */
    readonly reasonCode: number = mqttReasonCodes.protocolError,
    /** Set for an invalid CONNECT that can be answered with a CONNACK: the version in which to encode it. */
    readonly connackVersion?: ProtocolVersion,
  ) {
    super(message);
    this.name = 'ProtocolError';
  }
}
