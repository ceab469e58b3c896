import {ProtocolError, reason} from './packet-guard.js';

/** Properties that a client may send [MQTT5 2.2.2.2], by the parser's names. */
const allowed: Readonly<Record<string, ReadonlySet<string>>> = {
  connect: new Set([
    'sessionExpiryInterval',
    'receiveMaximum',
    'maximumPacketSize',
    'topicAliasMaximum',
    'requestResponseInformation',
    'requestProblemInformation',
    'authenticationMethod',
    'authenticationData',
    'userProperties',
  ]),
  will: new Set([
    'willDelayInterval',
    'payloadFormatIndicator',
    'messageExpiryInterval',
    'contentType',
    'responseTopic',
    'correlationData',
    'userProperties',
  ]),
  publish: new Set([
    'payloadFormatIndicator',
    'messageExpiryInterval',
    'topicAlias',
    'responseTopic',
    'correlationData',
    'contentType',
    'userProperties',
  ]),
  subscribe: new Set(['subscriptionIdentifier', 'userProperties']),
};

/** A property that the packet cannot have, or that comes twice [MQTT5 2.2.2.2]: throws ProtocolError. */
export function checkProperties(cmd: keyof typeof allowed, properties: object | undefined): void {
  if (properties === undefined) return;
  for (const [name, value] of Object.entries(properties)) {
    if (!allowed[cmd]?.has(name))
      throw new ProtocolError(`${cmd} with the property ${name}`, reason.protocolError);
    if (Array.isArray(value)) throw new ProtocolError(`${cmd} with ${name} twice`, reason.protocolError);
  }
}
