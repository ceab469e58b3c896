import {expect, test} from 'vitest';
import {redactUrls} from '../../../src/bus/connect/server-url.js';
import {fastestCpuMs} from '../../support/fastest.js';

test.each([
  ['nats://u:p@h:4222', 'nats://***@h:4222'],
  ['tls://token@h', 'tls://***@h'],
  ['u:p@h', '***@h'],
  ['nats://u:p/w@h', 'nats://***@h'],
  ['nats://u:p@ss@h', 'nats://***@h'],
  ['nats://u:p@h1,nats://h2,  nats://x:y@h3', 'nats://***@h1,nats://h2,  nats://***@h3'],
  ['"nats://u:p@h" is down', '"nats://***@h" is down'],
  ['nats://h:4222', 'nats://h:4222'],
])('C02: %s is shown as %s', (text, shown) => expect(redactUrls(text)).toBe(shown));

test('E15: URLs are redacted in linear time', async () => {
  for (const text of ['"'.repeat(100_000), '://'.repeat(30_000), `${'a'.repeat(100_000)}:`]) {
    expect(await fastestCpuMs(() => redactUrls(text), 199)).toBeLessThan(200);
  }
});
