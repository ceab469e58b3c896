import {ProtocolError} from '../protocol-error.js';
import type {ProtocolVersion} from '../protocol-version.js';
import {type PacketRule, packetRules, type Rule, rules} from './packet-rules.js';

/** Creates the error for a broken rule. It cites the clause in the client's MQTT version. */
export function ruleError(
  {text, clause, code}: Rule,
  packet: string,
  version: ProtocolVersion | undefined,
  connackVersion?: ProtocolVersion,
): ProtocolError {
  const cited = clause[version === 5 ? 5 : 4];
  const message = `${packet} with ${text}${cited === undefined ? '' : ` [${cited}]`}`;
  return new ProtocolError(message, code, connackVersion);
}

/**
 * Checks packet type and flags as soon as the first byte has arrived. `version` is undefined before CONNECT. Throws
 * ProtocolError.
 */
export function checkFirstByte(byte: number, version: ProtocolVersion | undefined): void {
  const rule = packetRules[byte >>> 4] as PacketRule;
  const fault = headerFault(byte & 0x0f, rule, version);
  if (fault !== undefined) throw ruleError(fault, rule.name, version);
}

function headerFault(
  flags: number,
  rule: PacketRule,
  version: ProtocolVersion | undefined,
): Rule | undefined {
  if (rule.name !== 'CONNECT' && version === undefined) return rules.dialectBeforeConnect;
  if (rule.name === 'CONNECT' && version !== undefined) return rules.secondConnect;
  if (rule.flags === undefined) return publishFault(flags, version);
  if (rule.name === 'type 0' || (rule.name === 'AUTH' && version !== 5)) return rules.reservedType;
  const compared = version === 3 && rule.hasDupIn31 === true ? flags & 7 : flags;
  if (compared !== rule.flags) return rules.reservedFlags;
  if (rule.sender === 'server') return rules.fromServer;
  return rule.sender === 'nobody' ? rules.authExchange : undefined;
}

function publishFault(flags: number, version: ProtocolVersion | undefined): Rule | undefined {
  const qos = (flags >>> 1) & 3;
  if (qos === 3) return rules.publishQos;
  if (qos === 0 && flags >= 8 && version !== 3) return rules.dupOfQos0;
  return (flags & 1) === 1 && version === 5 ? rules.retain : undefined;
}
