import {describe, expect, test} from 'vitest';
import {maskSecretParameters, redactUrls} from '../../../../src/bus/connect/server-url.js';
import {openRegistry} from '../../../../src/registry/open-registry.js';
import {openStore} from '../../../../src/storage/open-store.js';
import {maskStoreCredentials} from '../../../../src/storage/store-url.js';
import {FakeBus} from '../../../support/fake-bus.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl, memoryJournal} from '../../../support/run-cli.js';

const refused = 'passwords and tokens are not accepted on the command line';

describe('D4: no secret in a URL on the command line', () => {
  test.each([
    'nats://user:canary@127.0.0.1:4222',
    'nats://canary@127.0.0.1:4222',
    'NATS://user:canary@127.0.0.1',
    'tls://user:canary@127.0.0.1',
    'user:canary@127.0.0.1',
    'nats://user%3Acanary@127.0.0.1',
    'nats://user:canary%40127.0.0.1',
    'nats://user:canary%2540127.0.0.1',
    'nats://127.0.0.1,nats://user:canary@127.0.0.2',
    'nats://127.0.0.1, canary@127.0.0.2',
    'nats://127.0.0.1?password=canary',
    'nats://127.0.0.1?a=b&auth_token=canary',
    'nats://127.0.0.1/?user=canary',
    'nats://user:can,ary@127.0.0.1',
    'http://user:canary@127.0.0.1',
  ])('--server %s', async (server) => {
    for (const argv of [
      ['sessions', 'list', '--server', server],
      ['sessions', 'list', `--server=${server}`],
      ['gates', 'list', '-s', server],
      ['context', 'add', 'x', '--server', server],
      ['context', 'edit', 'x', '--server', server],
      ['context', 'import-nats', '--server', server],
      ['context', 'show', '--server', server],
      ['gate', 'run', '--tcp', '0', '--server', server],
      ['doctor', '--server', server],
    ]) {
      const {code, out, err} = await gatectl(argv, {gates: [], contexts: {x: {}}});
      expect({code, out, err}).toEqual({
        code: 2,
        out: '',
        err: expect.stringContaining(`--server: ${refused}`),
      });
      expect(err).not.toContain('canary');
    }
  });

  test.each([
    'etcd://root:canary@127.0.0.1',
    'etcds://root:canary@127.0.0.1:2379',
    'etcd://root%3Acanary@127.0.0.1',
    'etcd://127.0.0.1,root:canary@127.0.0.2',
    'consul://canary@127.0.0.1:8500',
    'consul://127.0.0.1,canary@127.0.0.2',
    'consul://127.0.0.1?token=canary',
    'nats://user:canary@127.0.0.1',
    'redis://user:canary@127.0.0.1',
  ])('--registry %s', async (registry) => {
    const {code, err} = await gatectl(['gates', 'list', '--registry', registry], {gates: []});
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining(`--registry: ${refused}`)});
    expect(err).not.toContain('canary');
  });

  test.each([
    [{}, {GATECTL_SERVER: 'nats://user:canary@127.0.0.1', GATECTL_REGISTRY: 'etcd://root:canary@127.0.0.1'}],
    [{context: 'file'}, {}],
  ])('%j with %j is accepted', async (flags, env) => {
    const file = {server: 'nats://user:canary@127.0.0.1', registry: 'etcd://root:canary@127.0.0.1'};
    const asked: unknown[] = [];
    const argv = ['gates', 'list', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])];
    await gatectl(argv, {
      env,
      contexts: {file},
      openCluster: async (options) => {
        asked.push(options);
        throw new Error('seen');
      },
    });
    expect(asked).toEqual([expect.objectContaining(file)]);
  });

  test.each([
    'etcd://root@127.0.0.1',
    'static:Gate@a=_INBOX.x,Gate@b=_INBOX.y',
    'consul://127.0.0.1',
    'nats://',
  ])('--registry %s is accepted', async (registry) => {
    const {code} = await gatectl(['gates', 'list', '--registry', registry], {
      gates: [new FakeGate('Gate@a')],
    });
    expect(code).toBe(0);
  });

  test('an unknown option is named without its value', async () => {
    const {code, err} = await gatectl(['gates', 'list', "--password=can'ary=x"]);
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('unknown option "--password"')});
    expect(err).not.toContain('ary');
  });

  test('a context whose file holds a password can be edited', async () => {
    const contexts = {x: {server: 'nats://user:canary@127.0.0.1'}};
    expect((await gatectl('context edit x --timeout 5s', {contexts})).code).toBe(0);
  });
});

describe('D4: a secret in a URL is never shown', () => {
  test('in the journal entry of a store', async () => {
    const journal = memoryJournal();
    const store = 'redis://ro:canary@127.0.0.1:1/0?key=s:{uid}';
    await gatectl(['records', 'set', 'u1', 'a=b', '--yes', '--store', store], {
      journal,
      gates: [new FakeGate('Gate@a', [aRow()])],
    });
    expect(JSON.stringify(journal.lines)).toContain('redis://***@127.0.0.1:1/0');
    expect(JSON.stringify(journal.lines)).not.toContain('canary');
  });

  test.each([
    ['nats://user:canary%40127.0.0.1', 'nats://***%40127.0.0.1'],
    ['"nats://h?password=canary" is no NATS URL', '"nats://h?password=*** is no NATS URL'],
  ])('%s is shown as %s', (text, shown) => expect(redactUrls(text)).toBe(shown));

  test.each([
    ['redis://u:p@h:1/0?key=a@{uid}', 'redis://***@h:1/0?key=a@{uid}'],
    ['redis://u:p/q@h', 'redis://***@h'],
    ['redis://u:p?q@h/0', 'redis://***@h/0'],
    ['redis://u:p@q@h', 'redis://***@h'],
    ['redis:u:p@h', 'redis:***@h'],
    ['file:/var/a@b', 'file:/var/a@b'],
    ['jetstream://sessions', 'jetstream://sessions'],
    ['redis://h:1/0?password=p', 'redis://h:1/0?password=***'],
    ['redis://h:1/0?ttl=1m&token=p', 'redis://h:1/0?ttl=1m&token=***'],
    ['redis://h:1/0?password-file=/run/p', 'redis://h:1/0?password-file=/run/p'],
    ['jetstream://b?password=p', 'jetstream://b?password=***'],
    ['file://u:p@/x', 'file://***@/x'],
  ])('%s is shown as %s', (url, shown) => expect(maskStoreCredentials(url)).toBe(shown));

  test('in the error of an invalid registry or store', async () => {
    for (const url of ['http://u:canary@h', 'etcd://h?password=canary', 'consul://u:can/ary@h?token=canary'])
      expect(() => openRegistry(url, {bus: new FakeBus()})).toThrow(
        expect.objectContaining({message: expect.not.stringMatching(/canary|can\/ary/)}),
      );
    await expect(openStore('mysql://u:canary@h')).rejects.toThrow('invalid store "mysql://***@h"');
    for (const url of [
      'redis://h/0?password=canary',
      'file://u:canary@/x',
      'jetstream://u:canary@b',
      'memory:?token=canary',
    ])
      await expect(openStore(url), url).rejects.toThrow(
        expect.objectContaining({message: expect.not.stringContaining('canary')}),
      );
  });

  test('other parameters are shown', () =>
    expect(maskSecretParameters('x?a=b&token=c')).toBe('x?a=b&token=***'));
});

test('the value of a flag that may be a secret is in no hint, error or notice', async () => {
  for (const flag of [
    '--seed',
    '--jwt',
    '--nkey-seed',
    '--pw',
    '--secret',
    '--auth',
    '--passwd',
    '--api-key',
  ])
    for (const line of ['sessions list', 'kick u42', 'records list', 'frobnicate'])
      for (const words of [
        [...line.split(' '), flag, 'canary'],
        [flag, 'canary', ...line.split(' ')],
      ]) {
        const {err} = await gatectl(words, {gates: [new FakeGate('Gate@a')]});
        expect(err, words.join(' ')).not.toContain('canary');
      }
  for (const word of ['-pcanary', '-Pcanary', '-password=canary', '--token=-canary'])
    for (const line of ['sessions list', 'kick u42', 'disconnect u42']) {
      const {err} = await gatectl([...line.split(' '), word], {gates: [new FakeGate('Gate@a')]});
      expect(err, `${line} ${word}`).not.toContain('canary');
    }
  const {err} = await gatectl('sessions list --level 777', {gates: []});
  expect(err).toContain('--setting level=777');
});
