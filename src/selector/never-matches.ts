import {isIP} from 'node:net';
import {comparisonsIn, literalText, type Node} from './expression.js';
import {fault} from './faults.js';
import {type FieldName, networks} from './fields.js';

/** Fields that no session has empty. */
const neverEmpty: ReadonlySet<string> = new Set<FieldName>(['id', 'gate', 'ip', 'network']);

/**
 * Refuses what an operator can't have meant: a comparison that never holds (`network == "ws"`), and `uid == ""`, which
 * an unset shell variable leaves behind and which would select all guests.
 */
export function checkTyped(text: string, node: Node): void {
  for (const {field, literal} of comparisonsIn(node)) {
    const value = literalText(literal);
    if (value === undefined) continue;
    if (field === 'uid' && value.trim() === '')
      throw fault(text, 'the uid is empty', literal, 'to select guests: guest');
    if (neverEmpty.has(field) && value.trim() === '')
      throw fault(text, `no session has an empty ${field}`, literal);
    if (field === 'ip' && isIP(value) === 0)
      throw fault(
        text,
        `${JSON.stringify(value)} is no address`,
        literal,
        'write it without a port: ip == "10.0.0.1"',
      );
    if (field === 'network' && !networks.some((name) => name === value)) {
      const message = `no session has the network ${JSON.stringify(value)}`;
      throw fault(text, message, literal, `the networks are ${networks.join(' and ')}`);
    }
  }
}
