import type {ProtocolVersion} from '../protocol-version.js';
import {brokenRuleError} from './check-first-byte.js';
import {PacketFieldReader} from './packet-field-reader.js';
import {
  type MqttRule,
  mqttRules,
  type PacketField,
  type PacketRule,
  type PropertyRule,
  packetRules,
  propertyIds,
  propertyRules,
} from './packet-rules.js';
import {isTopicFilter} from './text-rules.js';

/**
 * Checks a complete packet from a client against the rules of its MQTT version (undefined before CONNECT). The first
 * byte must have been checked. Changes what MQTT 3.1 allows and the parser can't read to an equivalent form. Throws
 * MqttProtocolError.
 */
export function checkPacket(bytes: Uint8Array, version: ProtocolVersion | undefined): void {
  new PacketCheck(bytes, version).run();
}

const connectFlag = {will: 0x04, willRetain: 0x20, password: 0x40, userName: 0x80} as const;

class PacketCheck extends PacketFieldReader {
  private readonly rule: PacketRule;
  private connectFlags = 0;
  private connectFlagsAt = 0;
  private hasEmptyTopic = false;
  /** Set once the client's version is known. From then on, a CONNACK can report the error. */
  private connackVersion: ProtocolVersion | undefined;

  constructor(
    bytes: Uint8Array,
    private version: ProtocolVersion | undefined,
  ) {
    super(bytes);
    this.rule = packetRules[(bytes[0] as number) >>> 4] as PacketRule;
  }

  run(): void {
    const {bytes, rule} = this;
    this.at = 1;
    while ((bytes[this.at] as number) >= 0x80) this.at += 1;
    this.at += 1;
    const bodyAt = this.at;
    if (rule.name === 'CONNECT') this.protocol();
    // a one-byte length is never padded
    if (this.version === 5 && bodyAt > 2 && bytes[bodyAt - 1] === 0) this.fail(mqttRules.paddedLength);
    const fields = this.version === 5 ? (rule.fields5 ?? rule.fields) : rule.fields;
    for (const field of fields) this.field(field);
    if (this.at !== this.end) this.fail(mqttRules.trailing);
    if (this.version === 3 && rule.hasDupIn31 === true) bytes[0] = (bytes[0] as number) & 0xf7;
  }

  protected fail(rule: MqttRule): never {
    throw brokenRuleError(rule, this.rule.name, this.version, this.connackVersion);
  }

  private field(field: PacketField): void {
    switch (field) {
      case 'topic':
        return this.topic();
      case 'idOfQos':
        return ((this.bytes[0] as number) & 6) === 0 ? undefined : this.id();
      case 'properties':
        return this.properties(this.rule.name);
      case 'payload':
        if (this.hasEmptyTopic) this.fail(mqttRules.topicEmpty);
        this.at = this.end;
        return;
      case 'id':
        return this.id();
      case 'reason':
        return this.reason();
      case 'subscriptions':
        return this.subscriptions();
      case 'filters':
        return this.filters();
      case 'clientId':
        return void this.text();
      case 'will':
        return this.will();
      case 'userName':
        return this.credential(connectFlag.userName);
      case 'password':
        return this.credential(connectFlag.password);
      default:
        return field satisfies never;
    }
  }

  private id(): void {
    if (this.twoBytes() === 0) this.fail(mqttRules.packetId);
  }

  private topic(): void {
    const isEmpty = this.text() === 0;
    if (this.hasWildcard) this.fail(mqttRules.topicWildcard);
    if (!isEmpty) return;
    // in MQTT 5 a topic alias may replace the topic; another rule rejects aliases
    if (this.version === 5 && this.rule.name === 'PUBLISH') this.hasEmptyTopic = true;
    else this.fail(mqttRules.topicEmpty);
  }

  /** Reads the reason code and the properties. The packet may end before either of them. */
  private reason(): void {
    if (this.at === this.end) return;
    if (this.rule.reasons?.has(this.byte()) !== true) this.fail(mqttRules.reasonCode);
    if (this.at < this.end) this.properties(this.rule.name);
  }

  private subscriptions(): void {
    if (this.at === this.end) this.fail(mqttRules.noFilter);
    while (this.at < this.end) {
      const from = this.at + 2;
      if (this.text() === 0) this.fail(mqttRules.filterEmpty);
      const to = this.at;
      const options = this.byte();
      if ((options & (this.version === 5 ? 0xc0 : 0xfc)) !== 0) this.fail(mqttRules.subscribeOptions);
      if ((options & 3) === 3) this.fail(mqttRules.subscribeQos);
      if ((options & 0x30) === 0x30) this.fail(mqttRules.retainHandling);
      const isNoLocal = (options & 4) !== 0;
      if (isNoLocal && this.latin1(from, to).startsWith('$share/')) this.fail(mqttRules.noLocalShared);
    }
  }

  private filters(): void {
    if (this.at === this.end) this.fail(mqttRules.noFilter);
    while (this.at < this.end) {
      const from = this.at + 2;
      if (this.text() === 0) this.fail(mqttRules.filterEmpty);
      const isRefusable = this.version === 5 || !this.hasWildcard;
      if (!isRefusable && !isTopicFilter(this.latin1(from, this.at))) this.fail(mqttRules.filter);
    }
  }

  /** Reads protocol name and level, and checks that the CONNECT flags are consistent. */
  private protocol(): void {
    const from = this.at + 2;
    this.binary();
    const to = this.at;
    const isName = this.spells(from, to, 'MQTT');
    const isOldName = this.spells(from, to, 'MQIsdp');
    const level = this.byte();
    this.version = isName ? versionOf(level) : isOldName ? oldVersionOf(level) : undefined;
    this.connackVersion = this.version === undefined ? 4 : undefined;
    if (!isName && !isOldName) this.fail(mqttRules.protocolName);
    if (this.version === undefined) this.fail(mqttRules.protocolLevel);
    if (this.version === 5) this.connackVersion = 5;
    this.connectFlagsAt = this.at;
    this.connectFlags = this.byte();
    if (this.version === 3)
      this.bytes[this.connectFlagsAt] = this.connectFlags & 0xfe; // unused in MQTT 3.1
    else if ((this.connectFlags & 1) !== 0) this.fail(mqttRules.connectFlag);
    this.checkConnectFlags(this.connectFlags);
    this.twoBytes(); // keep alive
  }

  private checkConnectFlags(flags: number): void {
    const willQos = (flags >>> 3) & 3;
    const retains = (flags & connectFlag.willRetain) !== 0;
    if (willQos === 3) this.fail(mqttRules.willQos);
    if ((flags & connectFlag.will) === 0) {
      if (willQos !== 0) this.fail(mqttRules.qosWithoutWill);
      if (retains) this.fail(mqttRules.retainWithoutWill);
    } else if (retains && this.version === 5) this.fail(mqttRules.willRetain);
    const isLonePassword = (flags & connectFlag.password) !== 0 && (flags & connectFlag.userName) === 0;
    if (isLonePassword && this.version === 4) this.fail(mqttRules.lonePassword);
  }

  private will(): void {
    if ((this.connectFlags & connectFlag.will) === 0) return;
    if (this.version === 5) this.properties('will');
    this.topic();
    this.binary();
  }

  /**
   * Reads the user name or the password. In MQTT 3.1 the packet may end before a field whose flag is set; this is
   * valid, and the flag is cleared.
   */
  private credential(flag: number): void {
    if ((this.connectFlags & flag) === 0) return;
    if (this.version === 3 && this.at === this.end) {
      this.bytes[this.connectFlagsAt] = (this.bytes[this.connectFlagsAt] as number) & ~flag;
    } else if (flag === connectFlag.password) this.binary();
    else this.text();
  }

  private properties(of: string): void {
    const length = this.varint();
    if (length === 0) return;
    const {end} = this;
    if (this.at + length > end) this.fail(mqttRules.propertyLength);
    this.end = this.at + length;
    const seen = new Set<number>();
    while (this.at < this.end) {
      const id = this.varint();
      const rule = propertyRules.get(id);
      if (rule === undefined || !rule.of.includes(of))
        this.fail(rule?.ofServer === of ? mqttRules.propertyOfServer : mqttRules.property);
      if (seen.has(id) && rule.repeats !== true) this.fail(mqttRules.propertyTwice);
      seen.add(id);
      this.property(rule);
    }
    this.end = end;
    if (seen.has(propertyIds.authenticationData) && !seen.has(propertyIds.authenticationMethod))
      this.fail(mqttRules.loneAuthenticationData);
  }

  private property({kind, zero, aboveOne, noTopic, any}: PropertyRule): void {
    switch (kind) {
      case 'text': {
        const isEmpty = this.text() === 0;
        if (noTopic !== undefined && (isEmpty || this.hasWildcard)) this.fail(noTopic);
        return;
      }
      case 'pair':
        this.text();
        this.text();
        return;
      case 'binary':
        return this.binary();
      default: {
        const value = this.number(kind);
        if (zero !== undefined && value === 0) this.fail(zero);
        if (aboveOne !== undefined && value > 1) this.fail(aboveOne);
        if (any !== undefined) this.fail(any);
      }
    }
  }

  private number(kind: 'byte' | 'two bytes' | 'four bytes' | 'varint'): number {
    if (kind === 'byte') return this.byte();
    if (kind === 'two bytes') return this.twoBytes();
    return kind === 'varint' ? this.varint() : this.fourBytes();
  }
}

/**
 * Returns the version for the old protocol name. Mosquitto bridges set the highest bit of the level before MQTT 5.
 */
const oldVersionOf = (level: number): ProtocolVersion | undefined => ((level & 0x7f) === 3 ? 3 : undefined);

function versionOf(level: number): ProtocolVersion | undefined {
  if (level === 5) return 5;
  return (level & 0x7f) === 4 ? 4 : undefined;
}
