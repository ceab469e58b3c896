import {describe, expect, test} from 'vitest';
import {encodeArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {argumentOfResult, type HandlerResult, rawReply} from '../../../src/module/handler-result.js';

/** Type and bytes as they travel, the bytes in hex. */
function onTheWire(result: HandlerResult): readonly [string, string] {
  const {type, bytes} = encodeArgument(argumentOfResult(result));
  return [type, Buffer.from(bytes).toString('hex')];
}

const hex = (text: string) => Buffer.from(text).toString('hex');

describe('the result of a handler', () => {
  test.each<[string, HandlerResult, string, string]>([
    ['text', 'hi neo', 'string', hex('hi neo')],
    ['empty text', '', 'string', ''],
    ['a whole number', 5, 'long', '0000000000000005'],
    ['a negative whole number', -2, 'long', 'fffffffffffffffe'],
    ['a bigint', 2n ** 60n, 'long', '1000000000000000'],
    ['a fraction', 1.5, 'double', '000000000000f83f'],
    ['a whole number beyond 2^53', 1e300, 'double', '9c7500883ce4377e'],
    ['true', true, 'bool', '01'],
    ['false', false, 'bool', '00'],
    ['bytes', Uint8Array.of(0, 255), 'bytes', '00ff'],
    ['an object', {a: [1, {b: 2}]}, 'map', hex('{"a":[1,{"b":2}]}')],
    ['nothing', undefined, 'null', ''],
    ['null', null, 'null', ''],
    ['raw bytes', rawReply(Uint8Array.of(1, 2)), 'ProtocolMarshal', '0102'],
    ['raw text', rawReply('plain'), 'ProtocolMarshal', hex('plain')],
  ])('is encoded by its type: %s', (_name, result, type, bytes) => {
    expect(onTheWire(result)).toEqual([type, bytes]);
  });

  test.each<[string, () => HandlerResult, RegExp]>([
    ['an array', () => [1], /cannot return an array/],
    ['a function', () => () => 1, /cannot return a function/],
    ['a bigint of more than 64 bits', () => 2n ** 64n, /range/],
    ['text with a lone surrogate', () => '\ud800', /lone surrogate/],
    [
      'a circle',
      () => {
        const circle: Record<string, unknown> = {};
        circle['me'] = circle;
        return circle;
      },
      /circular/,
    ],
  ])('is rejected: %s', (_name, result, message) => {
    expect(() => onTheWire(result())).toThrow(message);
  });

  test('uses own fields of an object with a prototype', () => {
    class Score {
      readonly points = 3;
    }
    expect(onTheWire(new Score())).toEqual(['map', hex('{"points":3}')]);
  });
});
