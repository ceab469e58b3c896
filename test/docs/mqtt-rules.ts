import {type MqttRule, mqttRules} from '../../src/gate/mqtt/rules/packet-rules.js';
import {plain, table} from './markdown.js';

const bare = (clause: string | undefined): string => clause?.replace('MQTT-', '') ?? '–';

/** Rules for packets of clients, with the clauses of both standards and the reason code of MQTT 5. */
export const mqttRuleTable = (): string =>
  table(
    ['a packet with', '3.1.1', '5', 'reason code'],
    Object.values(mqttRules).map(({text, clause, code}: MqttRule) => [
      plain(text),
      bare(clause[4]),
      bare(clause[5]),
      `0x${code.toString(16).toUpperCase()}`,
    ]),
  );
