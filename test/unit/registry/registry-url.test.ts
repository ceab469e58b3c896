import {expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {parseRegistryUrl} from '../../../src/registry/http/registry-endpoints.js';

const parsed = (url: string) => {
  const {urls, userinfo} = parseRegistryUrl(url, {what: 'etcd', port: 2379, tls: false});
  return urls.map((one) => [one.replace('http://', ''), userinfo.get(one)]);
};

test.each([
  ['etcd://h', [['h:2379', undefined]]],
  [
    'etcd://a:pa@h1,b:pb@h2:99',
    [
      ['h1:2379', 'a:pa'],
      ['h2:99', 'b:pb'],
    ],
  ],
  [
    'etcd://a:p@ss@h1,h2,c:pc@h3/',
    [
      ['h1:2379', 'a:p@ss'],
      ['h2:2379', 'a:p@ss'],
      ['h3:2379', 'c:pc'],
    ],
  ],
  [
    'etcd://h1,b:pb@[::1]:1',
    [
      ['h1:2379', 'b:pb'],
      ['[::1]:1', 'b:pb'],
    ],
  ],
])('B2: %s: each endpoint has its own credentials, or those of the previous one', (url, expected) => {
  expect(parsed(url)).toEqual(expected);
});

test.each(['etcd://a:canary,canary@h1', 'etcd://a:pa@h1,canary!', 'etcd://a:canary@'])(
  'B2: %s is refused, and nothing secret is shown',
  (url) => {
    expect(() => parsed(url)).toThrow(UsageError);
    expect(() => parsed(url)).not.toThrow(/canary/);
  },
);
