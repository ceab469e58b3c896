// Selectors come to a gate from whoever may ask it for a page.
import {UsageError} from '../../../src/base/errors.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {parseSessionOrder} from '../../../src/selector/sort-order.js';
import {decoded, decodedLater, holds, type Target} from '../target.js';
import {someSession} from './wire.js';

const row = {session: someSession, connectedAt: 1, lastActiveAt: 2, received: 3, sent: 4};

export const selector: Target = {
  name: 'selector',
  seeds: [
    'uid == "u42" && setting.room in ["mqant", "x"]',
    'guest || age > duration("5m") && ip.startsWith("10.")',
    're(uid, "^u[0-9]+$") && !(received + sent >= 10)',
    'has(setting.vip) ? setting.vip == "1" : network == "tcp"',
    'setting["__proto__"] != "" && size(uid) < 5',
    'received desc, age',
  ].map((text) => Buffer.from(text)),
  words: [
    'uid',
    'setting',
    '["',
    '"]',
    '==',
    '&&',
    '||',
    '(',
    ')',
    '"',
    '?',
    ':',
    'in',
    '[',
    ']',
    're(',
    'inCidr(',
    'duration("',
    '.map(',
    '.all(x, ',
    '-',
    '9223372036854775807',
    '1e308',
    'timestamp("',
    '\\',
    '__proto__',
    'constructor',
  ],
  async run(input) {
    const text = input.toString();
    const parsed = await decodedLater([UsageError], () => parseSelector(text));
    if (parsed !== undefined) holds(typeof parsed.matches(row, 'Gate@a', 5) === 'boolean', 'yes or no');
    decoded([UsageError], () => parseSessionOrder(text));
  },
};
