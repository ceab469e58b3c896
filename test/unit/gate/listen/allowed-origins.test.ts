import {describe, expect, test} from 'vitest';
import {AllowedOrigins} from '../../../../src/gate/listen/allowed-origins.js';

describe('allowed origins', () => {
  test.each([
    'https://game.example.com/',
    'https://game.example.com/play',
    'https://game.example.com:443',
    'http://localhost:80',
    'game.example.com',
    'https://',
    'https://*.example.com:99999',
    'https://user@game.example.com',
    'https://game.example.com?x',
    '*',
    '',
  ])('refuse "%s", which no browser sends', (text) => {
    expect(() => new AllowedOrigins([text])).toThrow(`invalid origin "${text}"`);
  });

  test.each([
    'https://game.example.com',
    'HTTP://LOCALHOST:8080',
    'null',
    'capacitor://localhost',
    'file://',
    'https://[::1]:1',
  ])('accept "%s"', (text) => {
    const origins = new AllowedOrigins([text]);
    expect([text, 'https://other.example', undefined].map((origin) => origins.allows(origin))).toEqual([
      ...[true, false, true],
    ]);
  });

  test('none is allowed by an empty list, any without a list', () => {
    expect(new AllowedOrigins([]).allows('https://a')).toBe(false);
    expect(new AllowedOrigins(undefined).allows('https://a')).toBe(true);
  });
});
