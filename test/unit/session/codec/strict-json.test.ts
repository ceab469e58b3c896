import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {DecodeError} from '../../../../src/base/errors.js';
import {parseStrictJson} from '../../../../src/session/codec/strict-json.js';
import {fastestCpuMs} from '../../../support/fastest.js';
import {runs} from '../../../support/tiers.js';

function errorOf(text: string): DecodeError {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe('E10: lossless JSON', () => {
  test('parses any output of JSON.stringify like JSON.parse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      {numRuns: runs(5000)},
    );
  });

  test.each([
    ['{"a":1,"b":2,"a":3}', '"a"', 13],
    ['{"é":1,"é":1}', '"é"', 8],
    ['{"a":1,"\\u0061":2}', '"a"', 7],
    ['[{"a":{"x":[],"x" : 0}}]', '"x"', 14],
    ['{"__proto__":1,"__proto__":2}', '"__proto__"', 15],
    ['{"":1,"":2}', '""', 6],
    ['\ufeff{"a":1,"a":2}', '"a"', 10],
    ['{"x":"\\"{","y":{},"x":"\\\\"}', '"x"', 18],
  ])('rejects %s by key and byte', (text, key, offset) => {
    const error = errorOf(text);
    expect(error.message).toContain(`the key ${key} appears twice`);
    expect(error.offset).toBe(offset);
  });

  test('accepts equal keys in different objects and in values', () => {
    const text = '{"a":{"a":["a","a",{"a":"a"}]},"b":"a","c":[{"b":1},{"b":1}],"d":true,"e":false,"f":null}';
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '1e400',
    '1e-400',
    '0.1234567890123456789',
    '123456789012345678901234567890e-10',
  ])('rejects %s by its digits and byte, or keeps it as text', (number) => {
    const error = errorOf(`{"é": [true, ${number} ]}`);
    expect(error.message).toContain(`the number ${number} would be rounded`);
    expect(error.offset).toBe(14);
    expect(parseStrictJson(`[1,${number},"${number}"]`, {rounded: 'text'})).toEqual([1, number, number]);
  });

  test.each([
    '0',
    '-0',
    '1200',
    '1.2e3',
    '1E+2',
    '9007199254740991',
    '9007199254740992',
    '0.30000000000000004',
    '1.7976931348623157e308',
    '5e-324',
    '1.000000000000000000000',
    '100000000000000000000000',
  ])('keeps %s as a number', (number) => {
    expect(parseStrictJson(`{"a":${number}}`)).toEqual({a: Number(number)});
  });

  test('keeps all digits of an integer or rejects it', () => {
    fc.assert(
      fc.property(fc.bigInt({min: -(2n ** 80n), max: 2n ** 80n}), (number) => {
        const [kept] = parseStrictJson(`[${number}]`, {rounded: 'text'}) as readonly unknown[];
        expect(BigInt(kept as string | number)).toBe(number);
      }),
      {numRuns: runs(5000)},
    );
  });

  test('parses a megabyte of keys and numbers within a second', async () => {
    const text = JSON.stringify(
      Object.fromEntries(Array.from({length: 60_000}, (_, at) => [`key${at}`, at])),
    );
    expect(await fastestCpuMs(() => parseStrictJson(text), 999)).toBeLessThan(1000);
  });
});
