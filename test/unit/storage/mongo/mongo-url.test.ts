import {writeFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {createConnectionStringReader, parseMongoUrl} from '../../../../src/storage/mongo/mongo-url.js';
import {temporaryFolder} from '../../../support/temp.js';

describe('the URL of a MongoDB store', () => {
  test('has the common layout by default, and passes on the options of the driver', () => {
    expect(
      parseMongoUrl('mongodb://u:p@h1,h2:27018/game?replicaSet=rs0&ttl=10m&authSource=admin'),
    ).toMatchObject({
      connection: 'mongodb://u:p@h1,h2:27018/game?replicaSet=rs0&authSource=admin',
      shown: 'mongodb://***@h1,h2:27018/game',
      database: 'game',
      collection: 'gateSession',
      fields: {
        uid: '_id',
        session: 'Session',
        serverId: 'ServerId',
        sessionId: 'SessionId',
        created: 'CreateAt',
        updated: 'UpdateAt',
      },
      ttlMs: 600_000,
    });
  });

  test('sets database, collection and fields', () => {
    const url =
      'mongodb+srv://h/admin?database=g%C3%A4me&collection=c.d&uid=uid&field=data&server=&updated=at';
    expect(parseMongoUrl(url)).toMatchObject({
      connection: 'mongodb+srv://h/admin',
      database: 'gäme',
      collection: 'c.d',
      fields: {uid: 'uid', session: 'data', serverId: undefined, updated: 'at'},
    });
    expect(parseMongoUrl('mongodb://h?database=x&tls=true').connection).toBe('mongodb://h/?tls=true');
  });

  test('reads the password from a file at each connection, and ignores the one in the URL', async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/password`;
    await writeFile(file, 'p@ss\n');
    const parsed = parseMongoUrl(`mongodb://ops:old@h1,h2/game?password-file=${file}&tls=true`);
    const current = createConnectionStringReader(parsed, undefined);
    expect(current()).toBe('mongodb://ops:p%40ss@h1,h2/game?tls=true');
    await writeFile(file, 'new');
    expect(current()).toBe('mongodb://ops:new@h1,h2/game?tls=true');
    const without = parseMongoUrl(`mongodb://h/game?password-file=${file}`);
    expect(() => createConnectionStringReader(without, undefined)).toThrow('password-file requires a user');
  });

  test('is read again from its configuration file', () => {
    let url = 'mongodb://u:one@h/game?ttl=1m';
    const current = createConnectionStringReader(parseMongoUrl(url), () => url);
    url = 'mongodb://u:two@h/game?ttl=1m';
    expect(current()).toBe('mongodb://u:two@h/game');
  });
});
