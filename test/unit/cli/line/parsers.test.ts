import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../../src/base/errors.js';
import {
  parseBoolean,
  parseChoice,
  parseCount,
  parseDurationMs,
  parseKeyValuePair,
  parseTopic,
  parseUid,
} from '../../../../src/cli/line/parsers.js';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s is %i ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  test.each(['', '2', '2 s', '-1s', '0s', '0.0001ms', '1d', '25h', '1e3s', '2S', '٢s'])(
    '"%s" is refused',
    (text) => expect(() => parseDurationMs(text)).toThrow(UsageError),
  );
});

describe('a count', () => {
  test('is a whole number from 1', () => expect(parseCount('12034')).toBe(12034));
  test.each(['0', '-1', '1.5', '1e3', '', ' 1', '0x10'])('"%s" is refused', (text) =>
    expect(() => parseCount(text)).toThrow(UsageError),
  );
});

test('a switch accepts the usual words for yes and no', () => {
  expect(['1', 'true', 'YES', 'on'].map(parseBoolean)).toEqual([true, true, true, true]);
  expect(['', '0', 'false', 'No', 'off'].map(parseBoolean)).toEqual([false, false, false, false, false]);
  expect(() => parseBoolean('maybe')).toThrow('invalid value "maybe": expected yes or no');
});

test('an invalid choice is refused with the list of choices', () => {
  const parse = parseChoice(['auto', 'never']);
  expect(parse('auto')).toBe('auto');
  expect(() => parse('toString')).toThrow('invalid value "toString"');
});

describe('a topic', () => {
  test('may contain slashes, spaces and any script', () =>
    expect(parseTopic('/gate/用户/a b')).toBe('/gate/用户/a b'));
  test('may be 65,535 bytes long', () => expect(parseTopic('x'.repeat(65_535))).toHaveLength(65_535));
  test.each([
    ['', 'is empty'],
    ['a/+/b', 'contains a wildcard'],
    ['a/#', 'contains a wildcard'],
    ['a\0b', 'contains a NUL'],
    ['a\ud800', 'surrogate'],
    ['é'.repeat(32_768), 'longer than 65,535 bytes'],
  ])('%j is refused', (text, fault) => expect(() => parseTopic(text)).toThrow(fault));
});

test('a pair is split at its first equals sign', () => {
  expect(parseKeyValuePair('room=a=b')).toEqual(['room', 'a=b']);
  expect(parseKeyValuePair('room=')).toEqual(['room', '']);
  expect(parseKeyValuePair('__proto__=x')).toEqual(['__proto__', 'x']);
  for (const bad of ['room', '=x', '', 'k=\udc00']) expect(() => parseKeyValuePair(bad)).toThrow(UsageError);
});

test('an empty uid is refused, and the hint names unbind', () => {
  expect(parseUid('u1')).toBe('u1');
  expect(() => parseUid('')).toThrow(expect.objectContaining({hint: 'gatectl unbind <session>'}));
});
