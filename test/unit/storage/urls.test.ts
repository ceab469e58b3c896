import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {parseServerUrls} from '../../../src/bus/connect/server-url.js';
import {openRecords} from '../../../src/cluster/records/open-records.js';
import {openRegistry} from '../../../src/registry/open-registry.js';
import {openStore} from '../../../src/storage/open-store.js';
import {maskStoreCredentials} from '../../../src/storage/store-url.js';
import {FakeBus} from '../../support/fake-bus.js';
import {gatectl} from '../../support/run-cli.js';

describe('C9: a URL with an invalid part is a usage error that names the part', () => {
  test.each([
    ['redis://127.0.0.1/abc', 'invalid database "abc"'],
    ['redis://127.0.0.1/-1', 'invalid database "-1"'],
    ['redis://127.0.0.1/1.5', 'invalid database "1.5"'],
    ['redis://127.0.0.1/0x1', 'invalid database "0x1"'],
    ['redis://127.0.0.1/1e3', 'invalid database "1e3"'],
    ['redis://127.0.0.1/9999999999', 'invalid database "9999999999"'],
    ['redis://127.0.0.1/0/1', 'invalid database "0/1"'],
    ['redis://127.0.0.1/%20', 'invalid database "%20"'],
    ['rediss://127.0.0.1/abc', 'invalid database "abc"'],
    ['REDIS://127.0.0.1/abc?encoding=json', 'invalid database "abc"'],
    ['redis://127.0.0.1:99999', 'invalid Redis URL "redis://127.0.0.1:99999"'],
    ['redis://127.0.0.1:abc/0', 'invalid Redis URL "redis://127.0.0.1:abc/0"'],
    ['redis://127.0.0.1:0/0', 'invalid Redis URL'],
    ['redis:127.0.0.1', 'invalid Redis URL "redis:127.0.0.1"'],
    ['redis://127.0.0.1/0#1', 'invalid Redis URL'],
    [
      'redis://u:%zz@127.0.0.1/0',
      'the credentials in "redis://***@127.0.0.1/0" are not correctly percent-encoded',
    ],
    ['redis://u:p@127.0.0.1/abc', 'in "redis://***@127.0.0.1/abc"'],
    ['redis://127.0.0.1?ttl=abc', 'invalid ttl "abc"'],
    ['redis://127.0.0.1?ttl=999999999d', 'invalid ttl "999999999d"'],
    ['redis://127.0.0.1?ttl=0s', 'invalid ttl "0s"'],
    ['redis://127.0.0.1?ttl=1m&ttl=2m', 'the parameter "ttl" appears twice'],
    ['redis://127.0.0.1?db=abc', 'unknown parameter "db"'],
    ['mongodb://127.0.0.1', 'missing database in "mongodb://127.0.0.1"'],
    ['mongodb://127.0.0.1:1/a.b', 'invalid database "a.b"'],
    ['mongodb://127.0.0.1:1/g?collection=', 'invalid collection ""'],
    ['mongodb://127.0.0.1:1/g?field=a.b', 'invalid field "a.b"'],
    ['mongodb://127.0.0.1:1/g?uid=', 'the parameter "uid" in "mongodb://127.0.0.1:1/g" is empty'],
    ['mongodb://127.0.0.1:1/g?uid=Session', 'the field "Session" is used for two purposes'],
    ['mongodb://127.0.0.1:1/g?encoding=xml', 'invalid encoding "xml"'],
    ['mongodb://127.0.0.1:1/g?ttl=0s', 'invalid ttl "0s"'],
    ['mongodb://127.0.0.1:1/g?ttl=1m&ttl=2m', 'the parameter "ttl" appears twice'],
    ['mongodb://127.0.0.1:1/g?db=x', 'option db is not supported'],
    ['mongodb://127.0.0.1:1/g?w=0', 'w=0 in "mongodb://127.0.0.1:1/g" would silently lose writes'],
    ['mongodb://u:p@127.0.0.1:abc/g', 'invalid MongoDB URL "mongodb://***@127.0.0.1:abc/g"'],
    ['mongodb://u:p%zz@127.0.0.1/g', 'invalid MongoDB URL "mongodb://***@127.0.0.1/g"'],
    ['mongodb+srv://u:p@h.example:1/g', 'invalid MongoDB URL "mongodb+srv://***@h.example:1/g"'],
    ['mongodb://h/g?password-file=/nowhere', 'password-file requires a user'],
    ['redis://127.0.0.1:1,127.0.0.1:2/0', 'invalid Redis URL'],
    ['redis+x://127.0.0.1', 'invalid store "redis+x://127.0.0.1"'],
    ['redis+cluster://127.0.0.1:1,/', 'invalid Redis URL'],
    ['redis+cluster://127.0.0.1:1,127.0.0.1:99999', 'invalid Redis URL'],
    ['redis+cluster://127.0.0.1/1', 'a Redis Cluster has only database 0'],
    ['redis+sentinel://127.0.0.1', 'missing master name'],
    ['redis+sentinel://127.0.0.1/m/x', 'invalid database "x"'],
    [
      'redis+sentinel://u:%zz@127.0.0.1/m',
      'in "redis+sentinel://***@127.0.0.1/m" are not correctly percent-encoded',
    ],
    ['redis://127.0.0.1?sentinel-password-file=/x', 'requires redis+sentinel://'],
    ['redis://127.0.0.1?hash=a&key=b:{uid}', 'conflicting parameters "hash" and "key"'],
    ['redis://127.0.0.1?hash=', 'the parameter "hash" is empty'],
    ['redis://127.0.0.1?hash=a&field=b', 'invalid key template "b"'],
    [
      'redis://127.0.0.1?key=a:{uid}&field={uid}',
      'invalid hash field "{uid}": expected a name without {uid}',
    ],
    ['redis://127.0.0.1?hash=a&ttl=1m', 'fields of a hash cannot expire individually'],
    ['memory:?ttl=-1s', 'invalid ttl "-1s"'],
    ['memory:x', 'a memory store takes no name'],
    ['file:x?ttl=1m', 'unknown parameter "ttl"'],
  ])('store %s', async (url, words) => {
    const failure = await openStore(url).then(
      (store) => store.close(),
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toContain(words);
  });

  test.each([
    ['redis://u:p@ss/w@127.0.0.1/0', /write @ : \/ \? # % as %40/],
    ['redis://127.0.0.1:99999/0', /^for example redis:\/\/127\.0\.0\.1:6379\/0$/],
    [
      'mongodb://127.0.0.1:1/g?colection=x',
      /^known parameters: collection, .*password-file, and the options/,
    ],
  ])('store %s: the hint helps', async (url, hint) => {
    await expect(openStore(url)).rejects.toMatchObject({hint: expect.stringMatching(hint)});
  });

  test('a port that cannot be is named', async () => {
    await expect(openStore('redis://u:7@127.0.0.1:99999')).rejects.toThrow('port 99999 is not between');
    await expect(openStore('redis://u:77777@127.0.0.1/#')).rejects.not.toThrow('77777');
  });

  test.each([
    ['jetstream://', 'invalid bucket name ""'],
    ['jetstream://a b', 'invalid bucket name "a b"'],
    ['jetstream:x', 'invalid bucket name "jetstream:x"'],
    ['jetstream://x?tll=3s', 'unknown parameter "tll"'],
    ['jetstream://x?ttl=3', 'invalid ttl "3"'],
    ['jsonfile:/', 'cannot read "/": it is a folder'],
  ])('a command refuses %s before it connects to NATS', async (url, words) => {
    const {code, err} = await gatectl(['records', 'list', '--store', url, '--server', 'nats://127.0.0.1:1'], {
      openRecords,
    });
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });

  test.each([
    'redis://127.0.0.1:1',
    'redis://127.0.0.1:1/',
    'redis://u:p%40@[::1]:1/15?ttl=7d',
    'redis+cluster://u:p%40@[::1]:1,127.0.0.1:1',
    'redis+sentinel://127.0.0.1:1,[::1]:1/my-master/3?hash=users&field=u:{uid}',
    'rediss+sentinel://127.0.0.1:1/m?key=user:{uid}&field=session&encoding=json',
    'memory:?ttl=1m',
  ])('store %s opens', async (url) => (await openStore(url)).close());

  test.each([
    'etcd://127.0.0.1:99999',
    'etcd://127.0.0.1:0',
    'etcd://127.0.0.1:1,127.0.0.1:65536',
    'etcd://999.0.0.1',
    'consul://127.0.0.1:70000',
    'consul://127.0.0.1:1/x',
    'nats://127.0.0.1:abc',
    'nats://127.0.0.1:99999',
  ])('registry %s', (url) => {
    expect(() => openRegistry(url, {bus: new FakeBus()})).toThrow(UsageError);
  });

  test.each([
    'nats://',
    'nats://127.0.0.1:0',
    'nats://127.0.0.1:99999',
    'nats://h:abc',
    'nats://a,nats://h:65536',
  ])('server %s', (url) => expect(() => parseServerUrls(url)).toThrow(UsageError));
});

describe('D9: the shown URL of a store has no secret', () => {
  test.each([
    'redis://u:s3/cret@127.0.0.1/0',
    'redis://u:s3@x/cret@127.0.0.1/0',
    'redis://u:s3:/cret@127.0.0.1:99999',
    'redis+sentinel://u:s3/cret@127.0.0.1/m/0',
    'redis+cluster://u:s3,/cret@127.0.0.1/0',
    'mongodb://u:s3/cret@127.0.0.1:1/game',
    'mongodb://u:s3@x/cret@127.0.0.1:1/game',
  ])('nor has the error for %s, which is not percent-encoded', async (url) => {
    const failure = await openStore(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    const {message, hint} = failure as UsageError;
    expect(`${message} ${hint}`).not.toMatch(/s3|cret/);
    expect(hint).toContain('%40');
  });

  test.each([
    ['mongodb://u:s3cret@h/g?authSource=admin', 'mongodb://***@h/g?authSource=admin'],
    ['mongodb+srv://u:s3cret@h.example/g', 'mongodb+srv://***@h.example/g'],
    ['mongodb://u:s3,cret@h1:1,h2:2/g', 'mongodb://***@h1:1,h2:2/g'],
    ['mongodb://u:s3?cret@h/g', 'mongodb://***@h/g'],
    ['mongodb://h/g?tlsCertificateKeyFilePassword=s3cret', 'mongodb://h/g?tlsCertificateKeyFilePassword=***'],
    [
      'mongodb://h/g?authMechanismProperties=AWS_SESSION_TOKEN:s3cret&w=1',
      'mongodb://h/g?authMechanismProperties=***&w=1',
    ],
    [
      'mongodb://u@h/g?collection=c&password-file=/run/p',
      'mongodb://***@h/g?collection=c&password-file=/run/p',
    ],
    ['redis//u:s3cret@h/0', 'redis//***@h/0'],
    ['s3cret@h/0', '***@h/0'],
    ['jsonfile:/a/b@c.json', 'jsonfile:/a/b@c.json'],
  ])('%s', (url, shown) => expect(maskStoreCredentials(url)).toBe(shown));
});
