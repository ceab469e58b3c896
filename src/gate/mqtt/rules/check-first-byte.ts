import {MqttProtocolError} from '../mqtt-protocol-error.js';
import type {ProtocolVersion} from '../protocol-version.js';
import {type MqttRule, mqttRules, type PacketRule, packetRules} from './packet-rules.js';

/** Creates the error for a broken rule. It cites the clause in the client's MQTT version. */
export function brokenRuleError(
  {text, clause, code}: MqttRule,
  packet: string,
  version: ProtocolVersion | undefined,
  connackVersion?: ProtocolVersion,
): MqttProtocolError {
  const cited = clause[version === 5 ? 5 : 4];
  const message = `${packet} with ${text}${cited === undefined ? '' : ` [${cited}]`}`;
  return new MqttProtocolError(message, code, connackVersion);
}

/**
 * Checks packet type and flags as soon as the first byte has arrived. `version` is undefined before CONNECT. Throws
 * MqttProtocolError.
 */
export function checkFirstByte(byte: number, version: ProtocolVersion | undefined): void {
  const rule = packetRules[byte >>> 4] as PacketRule;
  const fault = headerFault(byte & 0x0f, rule, version);
  if (fault !== undefined) throw brokenRuleError(fault, rule.name, version);
}

function headerFault(
  flags: number,
  rule: PacketRule,
  version: ProtocolVersion | undefined,
): MqttRule | undefined {
  if (rule.name !== 'CONNECT' && version === undefined) return mqttRules.dialectBeforeConnect;
  if (rule.name === 'CONNECT' && version !== undefined) return mqttRules.secondConnect;
  if (rule.flags === undefined) return publishFault(flags, version);
  if (rule.name === 'type 0' || (rule.name === 'AUTH' && version !== 5)) return mqttRules.reservedType;
  const compared = version === 3 && rule.hasDupIn31 === true ? flags & 7 : flags;
  if (compared !== rule.flags) return mqttRules.reservedFlags;
  if (rule.sender === 'server') return mqttRules.fromServer;
  return rule.sender === 'nobody' ? mqttRules.authExchange : undefined;
}

function publishFault(flags: number, version: ProtocolVersion | undefined): MqttRule | undefined {
  const qos = (flags >>> 1) & 3;
  if (qos === 3) return mqttRules.publishQos;
  if (qos === 0 && flags >= 8 && version !== 3) return mqttRules.dupOfQos0;
  return (flags & 1) === 1 && version === 5 ? mqttRules.retain : undefined;
}
