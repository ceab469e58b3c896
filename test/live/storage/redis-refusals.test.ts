import {Redis} from 'ioredis';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {startRedis} from '../../support/redis.js';
import {gatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';

describeWith('redis-server')('an error of Redis names the value and the next step, and no password', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startRedis('--requirepass', 'p@ss:w/rd%');
    const redis = new Redis(server.url, {password: 'p@ss:w/rd%'});
    await redis.call('ACL', 'SETUSER', 'limited', 'on', '>s3cret', '~*', '+@all', '-scan');
    await redis.call('ACL', 'SETUSER', 'few', 'on', '>s3cret', '~session:*', '+@all', '-eval', '-evalsha');
    redis.disconnect();
  });
  afterAll(async () => await server?.[Symbol.asyncDispose]());

  const at = (credentials: string, rest = '/0'): string =>
    server.url.replace('redis://', `redis://${credentials}`) + rest;

  test('a password with any characters works percent-encoded', async () => {
    const {code, err} = await gatectl(['records', 'list', '--store', at(':p%40ss%3Aw%2Frd%25@')]);
    expect([code, err]).toEqual([0, 'nothing found in 1 store\n']);
  });

  test.each([
    ['', '/0', 4, 'the server requires a password (NOAUTH)', '?password-file=FILE'],
    [':s3cret@', '/0', 4, 'WRONGPASS', '?password-file=FILE'],
    [
      'limited:s3cret@',
      '/0',
      4,
      "permissions to run the 'scan' command",
      '"limited" of Redis lacks the permission for +scan',
    ],
    [':p%40ss%3Aw%2Frd%25@', '/77', 2, 'DB index is out of range', 'use a lower number'],
  ])('%s with %s exits with %i', async (credentials, rest, exit, message, hint) => {
    const {code, out, err} = await gatectl(['records', 'list', '--store', at(credentials, rest)]);
    expect([code, out]).toEqual([exit, '']);
    expect(err).toContain(message);
    expect(err).toMatch(/\nhint: /);
    expect(err).toContain(hint);
    expect(err).not.toMatch(/s3cret|p@ss|p%40ss/);
  });
});
