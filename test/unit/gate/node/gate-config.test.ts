import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadGateConfig, parseGateConfig, readStoreUrl} from '../../../../src/gate/node/gate-config.js';
import {defaultLimits, type GateLimits, withDefaultLimits} from '../../../../src/gate/node/gate-options.js';
import {checkMultiProcessConfig} from '../../../../src/gate/node/gate-processes.js';
import {gatectl} from '../../../support/run-cli.js';
import {temporaryFolder} from '../../../support/temp.js';

describe('the processes of a gate', () => {
  test('are one by default and at most 64', () => {
    expect(parseGateConfig({}).processes).toBe(1);
    expect(parseGateConfig({processes: 64}).processes).toBe(64);
    for (const value of [0, -1, 65, 1.5, '2', true]) {
      expect(() => parseGateConfig({processes: value})).toThrow(
        `invalid processes ${JSON.stringify(value)}: expected a whole number from 1 to 64`,
      );
    }
  });

  test('are set by a flag, which keeps the other keys of the config file', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'gate.json');
    await writeFile(file, JSON.stringify({id: 'a', tcp: '127.0.0.1:1234', processes: 4, drainMs: 5}));
    expect((await loadGateConfig(file, {})).processes).toBe(4);
    const config = await loadGateConfig(file, {processes: 1, id: 'a-2', drain: undefined});
    expect(config).toMatchObject({id: 'a-2', tcp: {port: 1234}, processes: 1, drainMs: 5});
  });

  test('refuse stores and policies that need a single process', () => {
    const config = (fields: object) => parseGateConfig({tcp: '0', processes: 2, ...fields});
    expect(() => checkMultiProcessConfig(config({store: 'memory:?ttl=5m'}))).toThrow(
      'the store "memory:?ttl=5m" cannot be shared by several processes',
    );
    expect(() => checkMultiProcessConfig(config({sameClientId: 'take-over'}))).toThrow(
      '--same-client-id take-over requires a single process: each process knows only its own clients',
    );
    expect(() => checkMultiProcessConfig(config({store: 'file:x', sameClientId: 'allow'}))).not.toThrow();
  });

  test.each([
    ['0', 'invalid count "0"'],
    ['two', 'invalid count "two"'],
    ['65', 'invalid processes 65: expected a whole number from 1 to 64'],
  ])('--processes %s is refused before anything starts', async (count, why) => {
    const {code, out, err} = await gatectl(`gate run --tcp 0 --processes ${count}`);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err).toContain(why);
  });
});

describe('A1: reply inboxes of a gate', () => {
  test('a flag overrides the config file', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'gate.json');
    await writeFile(file, JSON.stringify({tcp: '0', replyInboxes: ['_INBOX', '_OPS']}));
    expect((await loadGateConfig(file, {})).replyInboxes).toEqual(['_INBOX', '_OPS']);
    expect((await loadGateConfig(file, {replyInboxes: '_INBOX'})).replyInboxes).toEqual(['_INBOX']);
    expect(parseGateConfig({}).replyInboxes).toBeUndefined();
  });

  test.each(['', '$KV', '_INBOX,', '_INBOX.>', 'mqant.gate'])('%j is refused', async (list) => {
    const {code, out, err} = await gatectl(`gate run --tcp 0 --reply-inboxes=${list}`);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err).toContain('error: ');
  });
});

describe('limits', () => {
  test.each([
    [{maxKeepAliveSeconds: 65_536}, 'maxKeepAliveSeconds 65536: expected a whole number from 0 to 65535'],
    [{maxPacketBytes: 2 ** 33}, 'maxPacketBytes 8589934592: expected a whole number from 1 to 268435460'],
    [
      {connectTimeoutMs: 2 ** 31},
      'connectTimeoutMs 2147483648: expected a whole number from 1 to 2147483647',
    ],
    [{unacknowledgedPerClient: 0}, 'unacknowledgedPerClient 0: expected a whole number from 1 to 65535'],
    [{maxSessions: 0}, 'maxSessions 0: expected a whole number of at least 1'],
    [{messagesPerSecond: -1}, 'messagesPerSecond -1: expected a whole number of at least 0'],
    [{queueBytes: 1.5}, 'queueBytes 1.5: expected a whole number of at least 1'],
    [{queueBytes: '1'}, 'queueBytes "1": expected'],
    [{queueBytes: null}, 'queueBytes null: expected'],
  ])('%j are refused in a config, and in a program', async (limits, why) => {
    expect(() => parseGateConfig({limits})).toThrow(`invalid limits.${why}`);
    expect(() => withDefaultLimits(limits as Partial<GateLimits>)).toThrow(`invalid limits.${why}`);
  });

  test('that are unknown are refused with the known ones', () => {
    expect(() => parseGateConfig({limits: {maxSession: 1}})).toThrow('unknown limit "limits.maxSession"');
    expect(() => parseGateConfig({limits: []})).toThrow('invalid limits: expected a JSON object');
    expect(withDefaultLimits({maxSessions: 1, queueBytes: undefined} as object)).toEqual({
      ...defaultLimits,
      maxSessions: 1,
    });
  });

  test.each(['warmUpMs', 'drainMs'])('%s is at most a day', (name) => {
    expect(() => parseGateConfig({[name]: 86_400_001})).toThrow(`invalid ${name} 86400001`);
    expect(() => parseGateConfig({[name]: 86_400_000})).not.toThrow();
  });
});

test('the error of a config file names the file and keeps the example', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'gate.json');
  await writeFile(file, JSON.stringify({tcp: '0', authenticate: {}}));
  const {code, err} = await gatectl(`gate run --config ${file}`);
  expect(code).toBe(2);
  expect(err).toContain(`gate config "${file}": authenticate requires exactly one of function, passwordFile`);
  expect(err).toContain('hint: for example "authenticate": "Login/Authenticate"');
  expect(() => readStoreUrl(file)).toThrow(`gate config "${file}": authenticate requires`);
});
