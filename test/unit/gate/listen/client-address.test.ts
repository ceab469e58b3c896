import {expect, test} from 'vitest';
import {clientAddress} from '../../../../src/gate/listen/client-address.js';

test.each([
  ['9.9.9.9', '9.9.9.9'],
  ['10.0.0.1, 9.9.9.9', '9.9.9.9'],
  ['::ffff:9.9.9.9', '9.9.9.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:db8::1%eth0', '1.2.3.4'],
  ['::%-', '1.2.3.4'],
  ['10.0.0.1', '1.2.3.4'],
  ['none', '1.2.3.4'],
])('C2: X-Forwarded-For %s of a peer at 1.2.3.4 gives %s', (header, address) =>
  expect(clientAddress(header, '1.2.3.4')).toBe(address),
);
